// What nearly every source needs and is dear to compile. A convenience of the build: sources include what they use.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
