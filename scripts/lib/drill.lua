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

return drill
