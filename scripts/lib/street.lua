-- What drills of the streets share: where to do it, one look at the street and its city, and what came of it in words.
-- A street is one direction between two junctions; what feeds it are the streets that lead to it.
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

local UPSTREAM_JUNCTIONS = 3 -- so far back a street is looked at

-- The streets that lead to the edge, by number: how many junctions lie between, and the street's name. Nobody comes
-- there by turning round, so the other direction of a street does not lead to it.
local function feeders_of(twin, edge)
  local edges = twin:edges()
  local ids, from, to, names = edges:ids(), edges:column "from", edges:column "to", edges:column "name"
  local ending, row_of, feeders = {}, {}, {}
  for row, id in ipairs(ids) do
    row_of[id] = row
    ending[to[row]] = ending[to[row]] or {}
    table.insert(ending[to[row]], id)
  end
  local reached = { edge }
  for junctions = 1, UPSTREAM_JUNCTIONS do
    local before = {}
    for _, id in ipairs(reached) do
      for _, feeder in ipairs(ending[from[row_of[id]]] or {}) do
        local is_turn = from[row_of[feeder]] == to[row_of[id]]
        if feeder ~= edge and not feeders[feeder] and not is_turn then
          feeders[feeder] = { junctions = junctions, name = names[row_of[feeder]] }
          before[#before + 1] = feeder
        end
      end
    end
    reached = before
  end
  return feeders
end

-- One look for the time `phase`: the mean speed of all vehicles, and the queues on the street and on what leads to it.
function street.look(twin, storage, phase, edge)
  storage.feeders = storage.feeders or feeders_of(twin, edge)
  local seen = storage[phase] or { looks = 0, sum_kmh = 0, sum_m = {} }
  local queued = twin:edges { queue_m = { min = 1 } }
  local queues_m = queued:column "queue_m"
  for row, id in ipairs(queued:ids()) do
    if id == edge or storage.feeders[id] then seen.sum_m[id] = (seen.sum_m[id] or 0) + queues_m[row] end
  end
  seen.looks, seen.sum_kmh = seen.looks + 1, seen.sum_kmh + twin:metric "traffic.mean_speed"
  storage[phase] = seen
end

-- The mean queues of one phase: on the street, and on that street leading to it whose queue grew most since `before`,
-- with its number.
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
  return mean_m(before, edge), mean_m(during, edge), most and mean_m(before, most) or 0, most and mean_m(during, most) or 0, most
end

-- What was seen during `phase` and before, as sentences in both languages; their beginnings are given. A queue has
-- grown when it is longer by a vehicle, 7 m, in the mean.
function street.tell(twin, storage, phase, edge, en, zh)
  local before, during = storage.before, storage[phase]
  if not before or not during then return end
  local here0_m, here_m, away0_m, away_m, most = queues(before, during, edge)
  local feeder, feeder_en, feeder_zh = most and storage.feeders[most], "", ""
  if feeder then
    local name = feeder.name ~= "" and feeder.name or string.format("#%d", most)
    feeder_en = string.format(", on %s (junctions on the way here: %d)", name, feeder.junctions)
    feeder_zh = string.format("（%s，经 %d 个路口到此）", name, feeder.junctions)
  end
  local where_en, where_zh = "No queue this time", "这次没有形成排队"
  if math.max(here_m - here0_m, away_m - away0_m) >= 7 then
    local is_here = here_m - here0_m >= away_m - away0_m
    where_en = is_here and "The queue is here" or "The queue is not here, but on a street that feeds it"
    where_zh = is_here and "排队就在此处" or "排队不在此处，而在通向此处的上游道路"
  end
  local v0, v = before.sum_kmh / before.looks, during.sum_kmh / during.looks
  twin:log(string.format("%s. %s: %.0f m here in the mean, %.0f before; %.0f m upstream, %.0f before%s. Mean speed of the " ..
    "city %.1f km/h, %.1f before.", en, where_en, here_m, here0_m, away_m, away0_m, feeder_en, v, v0),
    string.format("%s。%s：此处平均排队 %.0f 米，此前 %.0f 米；上游 %.0f 米，此前 %.0f 米%s。" ..
    "全市平均车速 %.1f 公里/小时，此前 %.1f。", zh, where_zh, here_m, here0_m, away_m, away0_m, feeder_zh, v, v0))
end

return street
