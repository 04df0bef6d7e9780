-- A match at a place beside a wide street: visitors come in one wave, and leave in a steeper one.
local drill = include "lib/drill"

return scenario {
  title = { en = "A match at the stadium", zh = "体育场比赛日" },
  predict = { en = "Which wave is worse for the streets around: the coming or the leaving?",
              zh = "周边道路更怕哪一波：入场还是散场？" },
  lesson = { en = "What a wave meets decides, not how steep it is: who comes into the rush of the morning queues longest, though " ..
             "all leave in less time.",
             zh = "关键不在人流多集中，而在遇上什么：入场赶上早高峰，排队最长，尽管散场用时更短。" },
  measures = { "traffic.running", "traffic.longest_queue", "traffic.mean_delay" },
  lasts_min = function(p) return 1 + p.start_min + p.duration_min + 30 + 1 end,
  params = {
    param { id = "visitors_veh", type = "integer", default = 800, min = 50, max = 20000, group = "scenario",
            label = { en = "Vehicles of visitors", zh = "观众车辆" } },
    param { id = "start_min", type = "number", default = 40, min = 5, max = 300, unit = "min", group = "scenario",
            label = { en = "Starts in", zh = "开场前" } },
    param { id = "duration_min", type = "number", default = 60, min = 10, max = 300, unit = "min", group = "scenario",
            label = { en = "Lasts", zh = "时长" } },
  },
  timeline = {
    ["+1min"] = function(twin, storage, p)
      storage.edge = twin:edges { lanes = { min = 2 } }:arg_max "length_m"
      if not storage.edge then return end
      twin:event { where = "edge:" .. storage.edge, vehicles = p.visitors_veh, start_min = p.start_min,
                   duration_min = p.duration_min, arrive_min = p.start_min, leave_min = 30 }
    end,
  },
  every = {
    ["30s"] = function(twin, storage, p)
      local minute = drill.minute(twin, storage)
      local leave = 1 + p.start_min + p.duration_min
      if minute <= 1 then drill.look(twin, storage, "before")
      elseif minute < 1 + p.start_min then drill.look(twin, storage, "coming")
      elseif minute >= leave and minute < leave + 30 then drill.look(twin, storage, "leaving")
      end
      if drill.is_due(twin, storage, "is_begun", 1 + p.start_min) then
        storage.during = storage.coming
        drill.tell(twin, storage, "While the visitors came", "入场期间，全市")
      end
      if drill.is_due(twin, storage, "is_over", leave + 30) then
        storage.during = storage.leaving
        drill.tell(twin, storage, "While they left", "散场期间，全市")
      end
    end,
  },
}
