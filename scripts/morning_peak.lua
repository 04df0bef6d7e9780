-- The morning peak: demand rises, one arterial loses a lane to works, and drivers feel it.
local drill = include "lib/drill"

return scenario {
  title = { en = "Morning peak with road works", zh = "早高峰与占道施工" },
  predict = { en = "Where does the queue end up: at the works, or one junction before them?",
              zh = "排队会出现在施工处，还是上游路口？" },
  lesson = { en = "A lane closed for an hour lengthens trips far beyond its own street: the queue blocks the junction upstream.",
             zh = "一条车道关闭一小时，影响远超本路段：排队会堵住上游路口。" },
  measures = { "traffic.running", "traffic.mean_speed", "traffic.longest_queue", "traffic.mean_delay" },
  params = {
    param { id = "works_minutes", type = "number", default = 30, min = 5, max = 120, unit = "min", group = "scenario",
            label = { en = "Works last", zh = "施工时长" } },
    param { id = "peak_factor", type = "number", default = 1.3, min = 0.5, max = 3, unit = "×", group = "scenario",
            label = { en = "Peak demand", zh = "高峰需求" } },
  },
  on_start = function(twin, storage)
    storage.works_edge = twin:edges { lanes = { min = 2 } }:arg_max "length_m" -- the longest street of two lanes or more
    storage.begin_s = twin:time_s()
  end,
  timeline = {
    ["+2min"] = function(twin, storage, p) twin:set_demand_factor(p.peak_factor) end,
    ["+5min"] = function(twin, storage)
      if storage.works_edge then
        twin:close_lane(storage.works_edge, 0)
        twin:log("The longest street of two lanes loses its kerb lane.", "最长的双车道道路关闭右侧车道。")
      end
    end,
  },
  every = {
    ["10s"] = function(twin, storage, p)
      if not storage.works_edge or storage.is_open then return end
      local since_s = twin:time_s() - storage.begin_s
      drill.look(twin, storage, since_s < 300 and "before" or "during", storage.works_edge)
      if since_s > 300 + p.works_minutes * 60 then
        storage.is_open = true
        twin:open_lane(storage.works_edge, 0)
        twin:set_demand_factor(1)
        drill.tell(twin, storage, "The works end. At the works", "施工结束。施工路段")
      end
    end,
  },
}
