#pragma once

#include "absl/functional/function_ref.h"

namespace patform::system {

// SIGINT, SIGTERM and SIGHUP from now on ask the program to stop: the first is
// noted and reported, the second is answered with what is being waited for, the
// third ends the program at once. A SIGHUP that was ignored (nohup) stays so.
// SIGPIPE and SIGXFSZ are ignored: a closed pipe and a file that may not grow
// are failed writes.
void InstallSignalHandlers();

// true: until it is called with false as often, the first signal ends the
// program at once, and so does one that came before. For what only reads.
void EndAtSignal(bool at_once);

// 0, or the first signal that asked to stop.
int StopSignal();

// Runs `call`; on this thread MayStopHere() is false until it returns.
void RunToTheEnd(absl::FunctionRef<void()> call);

// Was a stop asked for, and may what this thread does now be broken off?
bool MayStopHere();

// No core dump and no debugger may show what this process holds.
void ForbidDumps();

// An exception that nothing catches ends the program with exit code 1 and a
// sentence, not with SIGABRT.
void InstallLastResort();

}  // namespace patform::system
