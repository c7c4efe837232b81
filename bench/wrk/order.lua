-- An order of one to three lines with every request, each with an idempotency key and the prices of its own.
-- Arguments: FILE ("id price priceVersion" per line) TOKEN
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local goods, sent, run = {}, 0, nil

function init(args)
  seed_random()
  run = random_hex(8)
  for n, line in ipairs(read_lines(args[1])) do
    goods[n] = '{"productId":"%s","expectedPrice":%s,"priceVersion":%s,"quantity":'
    goods[n] = goods[n]:format(line:match("^(%S+) (%d+) (%d+)$"))
  end
  wrk.headers["Authorization"] = "Bearer " .. args[2]
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  sent = sent + 1
  local lines, base, apart = {}, math.random(#goods), math.floor(#goods / 3)
  for n = 1, math.random(3) do
    lines[n] = goods[(base + n * apart) % #goods + 1] .. n .. "}"
  end
  wrk.headers["Idempotency-Key"] = run .. "-" .. number .. "-" .. sent
  return wrk.format("POST", "/orders", nil, '{"items":[' .. table.concat(lines, ",") .. '],"payment":{"method":"cod"}}')
end
