-- Works take a lane of the longest wide street; later an incident takes another, and an ambulance has to pass.
local drill = include "lib/drill"

return scenario {
  title = { en = "Road works and an incident", zh = "占道施工遇上事故" },
  predict = { en = "A lane is gone for an hour: where does the queue stand when a second one goes?",
              zh = "一条车道施工一小时，再有一条车道发生事故，排队会到哪里？" },
  lesson = { en = "Each lane taken costs more than the one before; signals that turn green ahead save an ambulance minutes.",
             zh = "每多占一条车道，代价都比前一条更大；沿途信号优先能为救护车省下数分钟。" },
  measures = { "traffic.mean_speed", "traffic.longest_queue", "traffic.mean_delay" },
  params = {
    param { id = "works_hours", type = "number", default = 0.7, min = 0.1, max = 24, unit = "h", group = "scenario",
            label = { en = "Works last", zh = "施工时长" } },
    param { id = "incident_minutes", type = "number", default = 10, min = 1, max = 120, unit = "min", group = "scenario",
            label = { en = "Incident lasts", zh = "事故持续" } },
  },
  on_start = function(twin, storage)
    storage.edge = twin:edges { lanes = { min = 2 } }:arg_max "length_m"
  end,
  timeline = {
    ["+3min"] = function(twin, storage, p)
      if storage.edge then twin:works { edge = storage.edge, lane = 0, hours = p.works_hours } end
    end,
    ["+10min"] = function(twin, storage, p)
      if storage.edge then
        twin:incident { edge = storage.edge, lane = 1, position_m = 40, duration_s = p.incident_minutes * 60 }
      end
    end,
    ["+12min"] = function(twin, storage)
      local from = twin:edges():first()
      if storage.edge and from ~= storage.edge then twin:emergency { from_edge = from, to_edge = storage.edge } end
    end,
  },
  every = {
    ["10s"] = function(twin, storage, p)
      if not storage.edge then return end
      local minute, end_minute = drill.minute(twin, storage), 10 + p.incident_minutes
      if minute < 3 then drill.look(twin, storage, "before", storage.edge)
      elseif minute >= 10 and minute < end_minute then drill.look(twin, storage, "during", storage.edge)
      end
      if drill.is_due(twin, storage, "is_told", end_minute) then
        drill.tell(twin, storage, "Works and the incident on this street", "施工加事故期间，本路段")
      end
    end,
  },
}
