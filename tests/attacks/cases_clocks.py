"""A runner whose clock is wrong, in front of a service whose clock is right."""

import views
from configuration import configuration, token
from harness import case, check, equal

MINUTE = 60


@case
def of_the_runner(world):
    """a runner's clock that is off by up to half an hour: the plan right after
    an apply is empty, nothing is made twice and nothing ends"""
    for off in (31 * MINUTE, 10 * MINUTE, -10 * MINUTE):
        views.attack()
        world.close()
        service = world.start()
        world.variables |= {"LD_PRELOAD": str(world.options.boundary),
                            "BOUNDARY_LATER": str(off)}
        stranger = service.mint("somebody's")
        before = len(service.requests("POST"))
        place = f"off{off}".replace("-", "minus")
        world.write(configuration(
            token("a", deliver=f'[{{ to = "files", at = "{place}" }}]')))
        world.apply()
        world.settled()
        world.apply()
        equal(f"{off}: creates", len(service.requests("POST")), before + 1)
        equal(f"{off}: ends", service.requests("DELETE"), [])
        equal(f"{off}: of it", service.state_of(world.secrets()[place]),
              "active")
        # A new secret: the old one lives through its grace, whatever the
        # runner takes for now.
        world.apply("--rotate", "a")
        world.settled()
        equal(f"{off}: live", len(world.live()["a"]), 2)
        equal(f"{off}: after a rotation", service.state_of(
            world.secrets()[place]), "active")
        check(f"{off}: the stranger", stranger in str(world.live()))
        # And on a runner whose clock is right the same is in order.
        world.variables["BOUNDARY_LATER"] = "0"
        world.settled()
