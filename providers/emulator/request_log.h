#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace patform::emulator {

// What was asked for, without headers and bodies: no secret is in it.
class RequestLog {
 public:
  struct Entry {
    std::string operation;
    std::string method;
    std::string target;
    int status = 0;  // 0: the connection was cut
    int64_t connection = 0;
  };

  void Add(Entry entry);
  void Clear();

  // {"connections_accepted":…,"counts":{…},"requests":[…]}; the counts are of
  // all, the requests the last thousand.
  std::string ToJson(int64_t connections) const;

 private:
  std::map<std::string, int64_t> counts_;
  std::deque<Entry> last_;
};

}  // namespace patform::emulator
