-- The morning peak: demand rises until the busiest street carries what a main street does, then works leave it one lane.
local drill, street = include "lib/drill", include "lib/street"

local WORKS_MIN = 8 -- when the works begin; the peak comes at three

return scenario {
  title = { en = "Morning peak with road works", zh = "早高峰与占道施工" },
  predict = { en = "Where does the queue end up: at the works, or a block away?",
              zh = "排队会出现在施工处，还是另一个路段？" },
  lesson = { en = "Beside the works hardly a vehicle stands: the lane that is left lets in few, and the queue waits on a street that " ..
             "leads there, where lanes still are.",
             zh = "施工路段几乎无车停等：剩下的车道放行有限，排队出现在通向施工处、车道仍多的上游道路。" },
  limits = { en = "The peak lengthens queues, too. Of the streets within three junctions before the works the one that gains most is told.",
             zh = "高峰本身也会拉长排队；只看施工处上游三个路口以内的道路，取增长最多者。" },
  measures = { "traffic.running", "traffic.mean_speed", "traffic.longest_queue", "traffic.mean_delay" },
  lasts_min = function(p) return WORKS_MIN + p.works_minutes + 0.5 end,
  params = {
    param { id = "works_minutes", type = "number", default = 30, min = 5, max = 120, unit = "min", group = "scenario",
            label = { en = "Works last", zh = "施工时长" } },
    param { id = "peak_veh_per_h", type = "number", default = 1000, min = 50, max = 4000, unit = "1/h", group = "scenario",
            label = { en = "Peak on the busiest street", zh = "最繁忙道路的高峰流量" } },
  },
  timeline = {
    ["+3min"] = function(twin, storage, p)
      local edge, entered = street.busiest(twin)
      if not edge then return end
      storage.edge = edge
      local now_veh_per_h = entered * 60 / 3
      twin:set_demand_factor(math.min(math.max(p.peak_veh_per_h / now_veh_per_h, 1), 5)) -- never below the scene's own
    end,
  },
  every = {
    ["10s"] = function(twin, storage, p)
      local edge, minute = storage.edge, drill.minute(twin, storage)
      if not edge or storage.is_over then return end
      if drill.is_due(twin, storage, "is_begun", WORKS_MIN) then
        local lanes = street.lanes(twin, edge)
        for lane = 0, lanes - 2 do twin:close_lane(edge, lane) end
        twin:log(string.format("Works of %.0f minutes leave 1 of %d lanes of the busiest street.", p.works_minutes, lanes),
          string.format("最繁忙的道路施工 %.0f 分钟，%d 条车道只剩 1 条。", p.works_minutes, lanes))
      end
      if minute >= 4 then street.look(twin, storage, minute < WORKS_MIN and "before" or "during", edge) end
      if drill.is_due(twin, storage, "is_over", WORKS_MIN + p.works_minutes) then
        for lane = 0, street.lanes(twin, edge) - 2 do twin:open_lane(edge, lane) end
        twin:set_demand_factor(1)
        street.tell(twin, storage, "during", edge, "The works end", "施工结束")
      end
    end,
  },
}
