-- A new price for one product after the other, each with an idempotency key of its own.
-- Arguments: FILE ("id version price" per line) THREADS TOKEN
-- Every thread has its own share of the products, so that the version each edit starts from is known: one edit, one version.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local ids, versions, prices, at, sent, run = {}, {}, {}, 0, 0, nil

function init(args)
  run = random_hex(6)
  for n, line in ipairs(read_lines(args[1])) do
    if n % tonumber(args[2]) == number then
      local id, version, price = line:match("^(%S+) (%d+) (%d+)$")
      ids[#ids + 1], versions[#versions + 1], prices[#prices + 1] = id, tonumber(version), tonumber(price)
    end
  end
  wrk.headers["Authorization"] = "Bearer " .. args[3]
  wrk.headers["Content-Type"] = "application/merge-patch+json"
end

function request()
  at, sent = at % #ids + 1, sent + 1
  local version = versions[at]
  versions[at] = version + 1
  prices[at] = prices[at] + 10
  wrk.headers["Idempotency-Key"] = run .. "-" .. number .. "-" .. sent
  return wrk.format("PATCH", "/products/" .. ids[at], nil,
    '{"version":' .. version .. ',"price":' .. prices[at] .. "}")
end
