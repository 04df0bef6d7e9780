-- What drills of the streets share: where to do it, one look at the street and its city, and what came of it in words.
-- A street is one direction between two junctions; its other blocks are those of the same name.
local street = {}

-- The street of two lanes or more that most vehicles have come along since the start, and how many; nil without one.
function street.busiest(twin)
  local streets = twin:edges { lanes = { min = 2 } }
  local entered = streets:max "entered" or 0
  if entered > 0 then return streets:arg_max "entered", entered end
end

local function value_of(twin, edge, column)
  local edges = twin:edges()
  for row, id in ipairs(edges:ids()) do
    if id == edge then return edges:column(column)[row] end
  end
end

function street.lanes(twin, edge)
  return math.floor(value_of(twin, edge, "lanes"))
end

-- One look for the time `phase`: the mean speed of all vehicles, and the queues on the street and its other blocks.
function street.look(twin, storage, phase, edge)
  storage.name = storage.name or value_of(twin, edge, "name")
  local seen = storage[phase] or { looks = 0, sum_kmh = 0, sum_m = {} }
  local blocks = twin:edges { name = storage.name }
  local queues_m = blocks:column "queue_m"
  for row, id in ipairs(blocks:ids()) do seen.sum_m[id] = (seen.sum_m[id] or 0) + queues_m[row] end
  seen.looks, seen.sum_kmh = seen.looks + 1, seen.sum_kmh + twin:metric "traffic.mean_speed"
  storage[phase] = seen
end

-- The mean queues of one phase: on the street, and on that other block of it whose queue grew most since `before`.
local function queues(before, during, edge)
  local function mean_m(seen, id) return (seen.sum_m[id] or 0) / seen.looks end
  local ids, most = {}, nil
  for id in pairs(during.sum_m) do
    if id ~= edge then ids[#ids + 1] = id end
  end
  table.sort(ids)
  for _, id in ipairs(ids) do
    local grown_m = mean_m(during, id) - mean_m(before, id)
    if not most or grown_m > mean_m(during, most) - mean_m(before, most) then most = id end
  end
  return mean_m(before, edge), mean_m(during, edge), most and mean_m(before, most) or 0, most and mean_m(during, most) or 0
end

-- What was seen during `phase` and before, as sentences in both languages; their beginnings are given. A queue has
-- grown when it is longer by a vehicle, 7 m, in the mean.
function street.tell(twin, storage, phase, edge, en, zh)
  local before, during = storage.before, storage[phase]
  if not before or not during then return end
  local here0_m, here_m, away0_m, away_m = queues(before, during, edge)
  local where_en, where_zh = "No queue this time", "这次没有形成排队"
  if math.max(here_m - here0_m, away_m - away0_m) >= 7 then
    local is_here = here_m - here0_m >= away_m - away0_m
    where_en = is_here and "The queue is here" or "The queue is not here, but on another block of the street"
    where_zh = is_here and "排队就在此处" or "排队不在此处，而在同一道路的另一路段"
  end
  local v0, v = before.sum_kmh / before.looks, during.sum_kmh / during.looks
  twin:log(string.format("%s. %s: %.0f m here in the mean, %.0f before; %.0f m on the other block that gained most, %.0f " ..
    "before. Mean speed of the city %.1f km/h, %.1f before.", en, where_en, here_m, here0_m, away_m, away0_m, v, v0),
    string.format("%s。%s：此处平均排队 %.0f 米，此前 %.0f 米；增长最多的另一路段 %.0f 米，此前 %.0f 米。" ..
    "全市平均车速 %.1f 公里/小时，此前 %.1f。", zh, where_zh, here_m, here0_m, away_m, away0_m, v, v0))
end

return street
