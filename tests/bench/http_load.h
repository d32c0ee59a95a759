// The body of an HTTP answer, read and dropped as fast as a socket gives it.
#pragma once

#include <string>

namespace sluice::bench {

// GETs the path from `host:port` over HTTP/1.1 until the connection ends; MB/s of all that came.
// Ends the process when the answer is not 200.
double ReadHttp(const std::string& address, const std::string& path);

}  // namespace sluice::bench
