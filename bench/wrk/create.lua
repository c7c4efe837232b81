-- A new product with every request, each with an idempotency key of its own. Arguments: TOKEN
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local sent, run = 0, nil

function init(args)
  run = random_hex(6)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  sent = sent + 1
  local code = run .. "-" .. number .. "-" .. sent
  wrk.headers["Idempotency-Key"] = code
  return wrk.format("POST", "/products", nil,
    '{"name":"Bench product ' .. code .. '","sku":"' .. code .. '","price":' .. (1000 + sent) .. "}")
end
