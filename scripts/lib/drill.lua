-- What drills share: the clock since their start, and what became of the requests of a type since the last look.
local drill = {}

function drill.minute(twin, storage)
  storage.begin_s = storage.begin_s or twin:time_s()
  return (twin:time_s() - storage.begin_s) / 60
end

-- True once, when `minute` has come: storage[key] remembers.
function drill.is_due(twin, storage, key, minute)
  if storage[key] or drill.minute(twin, storage) < minute then return false end
  storage[key] = true
  return true
end

-- Counts of a request type (all when nil) since the last call with the same `key`: sent, answered, in_time, lost, and
-- how many were tried again or sent twice.
function drill.since(twin, storage, key, kind)
  local rows = kind and twin:request_types { type = kind } or twin:request_types()
  local now = {}
  for _, column in ipairs { "sent", "answered", "late", "lost", "retried", "hedged", "refused" } do
    now[column] = math.floor(rows:sum(column))
  end
  local last = storage[key] or {}
  local since = {}
  for column, value in pairs(now) do since[column] = value - (last[column] or 0) end
  since.in_time = since.answered - since.late
  storage[key] = now
  return since
end

function drill.per_s(count, seconds)
  return string.format("%.1f", count / seconds)
end

-- One look at the city for the time `phase` ("before", "during"): the mean speed of all vehicles and the longest queue.
function drill.look(twin, storage, phase)
  local seen = storage[phase] or { looks = 0, sum_kmh = 0, queue_m = 0 }
  seen.looks, seen.sum_kmh = seen.looks + 1, seen.sum_kmh + twin:metric "traffic.mean_speed"
  seen.queue_m = math.max(seen.queue_m, twin:metric "traffic.longest_queue")
  storage[phase] = seen
end

-- What was seen before and during, as a sentence in both languages; its beginnings are given.
function drill.tell(twin, storage, en, zh)
  local before, during = storage.before, storage.during
  if not before or not during then return end
  local v0, v1 = before.sum_kmh / before.looks, during.sum_kmh / during.looks
  twin:log(string.format("%s: a queue of up to %.0f m, %.0f m before; mean speed of the city %.1f km/h, %.1f before.",
    en, during.queue_m, before.queue_m, v1, v0),
    string.format("%s：排队最长 %.0f 米，此前 %.0f 米；全市平均车速 %.1f 公里/小时，此前 %.1f。",
    zh, during.queue_m, before.queue_m, v1, v0))
end

return drill
