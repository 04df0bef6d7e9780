-- Works leave the busiest street one lane; later an incident takes that one, too, and an ambulance is called there.
local drill, street = include "lib/drill", include "lib/street"

local WORKS_MIN, INCIDENT_MIN = 5, 12 -- when they begin

return scenario {
  title = { en = "Road works and an incident", zh = "占道施工遇上事故" },
  predict = { en = "Works leave one lane, then an incident takes it: which of the two lengthens the queue, and does help get through?",
              zh = "施工只留一条车道，随后事故又占去它：哪一次让排队变长？救护车到得了吗？" },
  lesson = { en = "What the first lanes cost depends on the traffic; the last one lengthens the queue in any case, and green " ..
             "signals help no ambulance past it.",
             zh = "先占的车道代价取决于车流；最后一条总会让排队变长，信号再绿也帮不了救护车越过。" },
  measures = { "traffic.mean_speed", "traffic.longest_queue", "traffic.mean_delay" },
  lasts_min = function(p) return INCIDENT_MIN + math.max(2, p.incident_minutes) + 0.5 end,
  params = {
    param { id = "works_hours", type = "number", default = 0.7, min = 0.1, max = 24, unit = "h", group = "scenario",
            label = { en = "Works last", zh = "施工时长" } },
    param { id = "incident_minutes", type = "number", default = 10, min = 1, max = 120, unit = "min", group = "scenario",
            label = { en = "Incident lasts", zh = "事故持续" } },
  },
  every = {
    ["10s"] = function(twin, storage, p)
      local minute, over_min = drill.minute(twin, storage), INCIDENT_MIN + p.incident_minutes
      if drill.is_due(twin, storage, "is_chosen", 2) then storage.edge = street.busiest(twin) end
      local edge = storage.edge
      if not edge then return end
      if drill.is_due(twin, storage, "is_begun", WORKS_MIN) then
        for lane = 0, street.lanes(twin, edge) - 2 do twin:works { edge = edge, lane = lane, hours = p.works_hours } end
      end
      if drill.is_due(twin, storage, "is_blocked", INCIDENT_MIN) then
        street.tell(twin, storage, "works", edge, "Works alone", "仅施工")
        twin:incident { edge = edge, lane = street.lanes(twin, edge) - 1, position_m = 40, duration_s = p.incident_minutes * 60 }
      end
      if drill.is_due(twin, storage, "is_called", INCIDENT_MIN + 2) then
        local from = twin:edges():first()
        if from ~= edge then
          twin:emergency { from_edge = from, to_edge = edge }
          storage.called_s = twin:time_s()
        end
      end
      if storage.called_s and not storage.came_s and twin:time_s() > storage.called_s + 10
        and twin:disturbances { kind = "emergency" }:count() == 0 then
        storage.came_s = twin:time_s()
        local took_min = (storage.came_s - storage.called_s) / 60
        twin:log(string.format("The ambulance has come after %.1f min.", took_min), string.format("救护车 %.1f 分钟后到达。", took_min))
      end
      if minute < over_min then
        street.look(twin, storage, minute < WORKS_MIN and "before" or minute < INCIDENT_MIN and "works" or "during", edge)
      end
      if drill.is_due(twin, storage, "is_told", over_min) then
        street.tell(twin, storage, "during", edge, "Works and the incident", "施工加事故")
      end
    end,
  },
}
