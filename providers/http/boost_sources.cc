// Without it every unit that includes them would compile their functions again,
// several seconds each. The macros that ask for it are set for all of them by
// CMake: a unit that did not see them would define the same functions twice.
// The one unit that compiles Asio, Asio SSL and Beast (separate compilation).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
