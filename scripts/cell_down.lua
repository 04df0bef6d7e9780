-- Works leave the busiest street one lane; then the cell that serves most of the connected vehicles goes down.
local drill, street = include "lib/drill", include "lib/street"

return scenario {
  title = { en = "A cell goes down in the rush", zh = "高峰时基站中断" },
  predict = { en = "How many of its vehicles find another cell, and are their questions lost?",
              zh = "多少车辆能接入其他基站？它们的提问会丢失吗？" },
  lesson = { en = "Neighbouring cells take more than half of the vehicles over at once, the others have no signal; few questions " ..
             "or none are lost. The junctions keep their fibre.",
             zh = "邻近基站立即接管一半以上的车辆，其余没有信号；提问很少丢失甚至不丢；路口仍走光纤。" },
  measures = { "network.handovers", "network.outages", "twin.requests_lost" },
  lasts_min = function(p) return math.max(p.down_minute, p.up_minute) + 0.5 end,
  params = {
    param { id = "down_minute", type = "number", default = 5, min = 1, max = 60, unit = "min", group = "scenario",
            label = { en = "Down after", zh = "中断时刻" } },
    param { id = "up_minute", type = "number", default = 10, min = 2, max = 120, unit = "min", group = "scenario",
            label = { en = "Up again after", zh = "恢复时刻" } },
  },
  timeline = {
    ["+1min"] = function(twin)
      local edge = street.busiest(twin)
      for lane = 0, edge and street.lanes(twin, edge) - 2 or -1 do twin:close_lane(edge, lane) end
    end,
  },
  every = {
    ["10s"] = function(twin, storage, p)
      if drill.is_due(twin, storage, "is_down", p.down_minute) then
        storage.cell = twin:cells { is_up = 1 }:arg_max "users"
        if not storage.cell then return end
        storage.users = math.floor(twin:cells { name = storage.cell }:max "users")
        drill.since(twin, storage, "counts", "assistant")
        storage.outages = math.floor(twin:metric "network.outages")
        twin:fail_cell(storage.cell)
        twin:log(storage.cell .. " goes down with " .. storage.users .. " vehicles.",
          storage.cell .. " 中断，当时服务 " .. storage.users .. " 辆车。")
      end
      if storage.cell and drill.is_due(twin, storage, "is_up", p.up_minute) then
        local since = drill.since(twin, storage, "counts", "assistant")
        local outages = math.floor(twin:metric "network.outages")
        twin:log(outages .. " vehicles without a cell now, " .. storage.outages .. " before; of " .. since.sent ..
          " questions meanwhile " .. since.lost .. " lost.",
          "目前 " .. outages .. " 辆车无信号，之前 " .. storage.outages .. " 辆；期间 " .. since.sent .. " 个提问丢失 " ..
          since.lost .. " 个。")
        twin:repair_cell(storage.cell)
      end
    end,
  },
}
