"""A desktop's session for one case: a D-Bus of its own and gnome-keyring as
its Secret Service, unlocked. Nothing of the machine's own session is used."""

import os
import shutil
import subprocess
import time

START_SECONDS = 30
# Without folders of services: nothing is started but by us.
BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={bus}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Desktop:
    """`variables` is what a program in this session has."""

    def __init__(self, folder):
        folder.mkdir()
        for name in ("home", "data", "run"):
            (folder / name).mkdir(mode=0o700)
        bus = folder / "bus"
        self.variables = {
            "HOME": str(folder / "home"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"}
        self.log = open(folder / "desktop.log", "wb")
        self.started = []
        try:
            rules = folder / "bus.conf"
            rules.write_text(BUS.format(bus=bus))
            self._start(["dbus-daemon", "--nofork", "--nopidfile",
                         f"--config-file={rules}"])
            self._until(bus.exists)
            keyring = self._start(
                ["gnome-keyring-daemon", "--unlock", "--foreground",
                 "--components=secrets"], stdin=subprocess.PIPE)
            keyring.stdin.write(b"a password")
            keyring.stdin.close()
            # A store fails until the collection of the login is there.
            self._until(lambda: self.secret_tool(
                "store", "--label=ready", "ready", "yes", stdin=b"yes")[0] == 0)
            self.secret_tool("clear", "ready", "yes")
        except BaseException:
            self.close()
            raise

    def _start(self, command, **more):
        process = subprocess.Popen(
            [shutil.which(command[0]), *command[1:]],
            env={**os.environ, **self.variables}, stdout=self.log,
            stderr=self.log, **{"stdin": subprocess.DEVNULL, **more})
        self.started.append(process)
        return process

    def _until(self, holds):
        deadline = time.monotonic() + START_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError("the desktop's session did not start")
            time.sleep(0.02)

    def secret_tool(self, *words, stdin=b""):
        """Exit code and output of the tool that people look with."""
        done = subprocess.run(
            [shutil.which("secret-tool"), *words], input=stdin,
            env={**os.environ, **self.variables}, stdout=subprocess.PIPE,
            stderr=self.log, timeout=30, check=False)
        return done.returncode, done.stdout

    def close(self):
        for process in reversed(self.started):
            process.terminate()
            process.wait(timeout=10)
        self.log.close()
