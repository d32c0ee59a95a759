// Load on an HTTP/1.1 server, from one thread.
#pragma once

#include <string>

namespace sluice::bench {

struct HttpAnswer {
  // Head and body.
  double bytes = 0;
  double seconds = 0;
};

// GETs the path from `host:port` until the connection ends and drops what comes as fast as the
// socket gives it. Ends the process when the answer is not 200.
HttpAnswer ReadHttp(const std::string& address, const std::string& path);

// GETs the path again and again for `seconds` over so many connections, each with one request under
// way; requests a second. Ends the process when an answer is not 200 or not whole.
double RunHttp(const std::string& address, const std::string& path, int connections,
               double seconds);

// The same with a request that is given whole, head and body. The answer may have any status of
// success.
double RunRequests(const std::string& address, const std::string& request, int connections,
                   double seconds);

}  // namespace sluice::bench
