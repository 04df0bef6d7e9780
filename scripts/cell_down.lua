-- A lane is closed and a jam grows; then the cell that serves most of the connected vehicles goes down.
local drill = include "lib/drill"

return scenario {
  title = { en = "A cell goes down over a jam", zh = "拥堵处基站中断" },
  predict = { en = "Do the drivers in the jam notice, or only their assistants?",
              zh = "堵车的驾驶人会察觉吗，还是只有车载助手受影响？" },
  lesson = { en = "Neighbouring cells take most of the vehicles over at once; a few answers are lost on the " ..
             "way, the signals keep their fibre.",
             zh = "邻近基站立即接管大部分车辆；途中丢失少量应答，信号灯仍走光纤。" },
  measures = { "network.handovers", "network.outages", "twin.requests_lost" },
  params = {
    param { id = "down_minute", type = "number", default = 5, min = 1, max = 60, unit = "min", group = "scenario",
            label = { en = "Down after", zh = "中断时刻" } },
    param { id = "up_minute", type = "number", default = 10, min = 2, max = 120, unit = "min", group = "scenario",
            label = { en = "Up again after", zh = "恢复时刻" } },
  },
  on_start = function(twin, storage)
    storage.edge = twin:edges { lanes = { min = 2 } }:arg_max "length_m"
  end,
  timeline = {
    ["+1min"] = function(twin, storage)
      if storage.edge then twin:close_lane(storage.edge, 0) end
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
