#include <algorithm>

#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

// Thrift's compact protocol in a frame: four bytes of length, then protocol, kind of message and version.
constexpr size_t kFrameHead = 4, kMessageHead = 2;
constexpr char kProtocol = '\x82';
constexpr char kCall = '\x21', kReply = '\x41', kException = '\x61';
constexpr char kSequence = 1, kEndOfArguments = 0;

uint32_t FrameLength(std::string_view bytes) {
  uint32_t length = 0;
  for (const char byte : bytes.substr(0, kFrameHead)) length = length << 8 | static_cast<unsigned char>(byte);
  return length;
}

// Each server answers for other services, and closes the connection for those that it does not have.
std::string_view ServiceOf(AccumuloServerProbe::Server server) {
  switch (server) {
    case AccumuloServerProbe::Server::kTserver:
      return "client";
    case AccumuloServerProbe::Server::kMaster:
      return "mgr";
    case AccumuloServerProbe::Server::kGc:
      return "gc";
  }
  return "client";
}

}  // namespace

// A method that no version has: the refusal comes from a thread of the server, changes nothing, needs no
// rights, and is the same for every version that speaks this protocol.
std::string AccumuloCall(const AccumuloServerProbe& probe) {
  const std::string method = Cat(ServiceOf(probe.server), ":holdfast");
  const std::string message = Cat(std::string{kProtocol, kCall, kSequence, static_cast<char>(method.size())},
                                  method, std::string(1, kEndOfArguments));
  return Cat(std::string(kFrameHead - 1, '\0'), std::string(1, static_cast<char>(message.size())), message);
}

bool IsWholeAccumulo(std::string_view bytes) {
  return bytes.size() >= kFrameHead && bytes.size() - kFrameHead >= FrameLength(bytes);
}

ProbeAnswer ReadAccumuloServer(std::string_view bytes, std::string_view whom) {
  ProbeAnswer answer;
  const std::string_view message = bytes.substr(std::min(bytes.size(), kFrameHead));
  if (IsWholeAccumulo(bytes) && message.size() > kMessageHead && message[0] == kProtocol &&
      (message[1] == kReply || message[1] == kException)) {
    answer.level = Level::kServing;
    answer.detail = Cat(whom, ": answers calls");
  } else {
    answer.level = Level::kWrong;
    answer.detail = Cat(whom, ": not a server of Accumulo: ", Excerpt(bytes, 60));
  }
  return answer;
}

}  // namespace holdfast::clients
