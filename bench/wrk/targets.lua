-- GET of random targets out of a file, one per line. Arguments: FILE [bearer token]
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local requests = {}

function init(args)
  seed_random()
  if args[2] then wrk.headers["Authorization"] = "Bearer " .. args[2] end
  for n, target in ipairs(read_lines(args[1])) do requests[n] = wrk.format("GET", target) end
end

function request()
  return requests[math.random(#requests)]
end
