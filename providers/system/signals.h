#pragma once

namespace patform::system {

// SIGINT and SIGTERM from now on ask the program to stop: the first is noted
// and said, the second is told what is being waited for, the third ends the
// program at once. SIGPIPE is ignored: a closed pipe is a failed write.
void InstallSignalHandlers();

// 0, or the first signal that asked to stop.
int StopSignal();

// No core dump and no debugger may show what this process holds.
void ForbidDumps();

}  // namespace patform::system
