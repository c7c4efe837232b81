-- What every load script ends with: one line of figures that bench.py reads. Latencies in milliseconds.
function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "max": %.3f, "bad": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, e.status, e.connect + e.read + e.write + e.timeout))
end

-- Bytes nobody else has, as hexadecimal text.
function random_hex(bytes)
  local file = assert(io.open("/dev/urandom", "rb"))
  local raw = file:read(bytes)
  file:close()
  return (raw:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end

function seed_random()
  math.randomseed(tonumber(random_hex(4), 16))
end

function read_lines(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  assert(#lines > 0, path .. " is empty")
  return lines
end
