# Writes OUT from build.cc.in with COMPILER and the commit of the checkout
# SOURCE. Runs with every build, because git alone knows whether HEAD moved or
# a file changed; OUT is written only when that makes a difference.
set(COMMIT unknown)
# An archive unpacked somewhere inside of a repository is not of its commit.
execute_process(COMMAND git -C ${SOURCE} rev-parse --show-toplevel
  OUTPUT_VARIABLE top ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
file(REAL_PATH ${SOURCE} source)
if(top STREQUAL source)
  execute_process(COMMAND git --no-optional-locks -C ${SOURCE}
      describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE described ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(described)
    set(COMMIT ${described})
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build.cc.in ${OUT} @ONLY)
