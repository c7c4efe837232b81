-- Logins of one account; tells accepted ones from those turned away because the queue is full.
-- Arguments: EMAIL PASSWORD [milliseconds each client waits between two]
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

accepted, turned_away = 0, 0

function init(args)
  wrk.method, wrk.headers["Content-Type"] = "POST", "application/json"
  wrk.body = '{"email":"' .. args[1] .. '","password":"' .. args[2] .. '"}'
  wrk.path = "/auth/login"
  local pause = tonumber(args[3])
  if pause then delay = function() return pause end end
end

function response(status)
  if status == 200 then
    accepted = accepted + 1
  elseif status == 429 or status == 503 then
    turned_away = turned_away + 1
  end
end

local report = done
function done(summary, latency, requests)
  local ok, away = 0, 0
  for _, thread in ipairs(threads) do
    ok, away = ok + thread:get("accepted"), away + thread:get("turned_away")
  end
  io.write(string.format('LOGINS {"accepted": %d, "turned_away": %d}\n', ok, away))
  report(summary, latency, requests)
end
