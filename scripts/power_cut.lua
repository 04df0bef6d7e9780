-- The grid fails at the edge sites: each goes on while sun and battery carry it, then the others take its work.
local drill = include "lib/drill"

return scenario {
  title = { en = "The power fails", zh = "停电" },
  predict = { en = "How long do the edge sites last on their batteries, and who answers after that?",
              zh = "边缘节点靠电池能撑多久？之后由谁来应答？" },
  lesson = { en = "A site lasts its battery's energy over its power, cooling included; then others answer. Without one it is dark at once.",
             zh = "续航时间等于电池电量除以总功率（含制冷），此后由其他站点应答；没有电池则立即停机。" },
  measures = { "compute.stored_energy", "twin.requests_lost", "twin.p95" },
  lasts_min = function(p) return math.max(p.cut_minute, p.back_minute) + 0.5 end,
  params = {
    param { id = "cut_minute", type = "number", default = 2, min = 0.5, max = 60, unit = "min", group = "scenario",
            label = { en = "Power fails after", zh = "停电时刻" } },
    param { id = "back_minute", type = "number", default = 10, min = 1, max = 600, unit = "min", group = "scenario",
            label = { en = "Back after", zh = "来电时刻" } },
    -- Of a site without a battery it is told what one for so long would be; 20 min are assumed.
    param { id = "battery_minutes", type = "number", default = 20, min = 15, max = 600, unit = "min", group = "scenario",
            label = { en = "A battery should last", zh = "电池应支撑" } },
  },
  every = {
    ["10s"] = function(twin, storage, p)
      local edges = twin:sites { tier = "edge" }
      local names = edges:column "name"
      if drill.is_due(twin, storage, "is_cut", p.cut_minute) then
        local stored, drawn_kw = 0, 0
        for _, name in ipairs(names) do
          local energy = twin:site_energy { name = name }
          stored = stored + energy:sum "stored_kwh"
          drawn_kw = drawn_kw + (energy:sum "grid_w" + energy:sum "solar_w" + energy:sum "wind_w" + energy:sum "battery_w") / 1000
          twin:cut_power(name)
        end
        drill.since(twin, storage, "counts")
        storage.dark, storage.most_dark = 0, 0
        twin:log(string.format("The grid is gone at %d edge sites that draw %.2f kW; their batteries hold %.1f kWh: %.0f min.",
          #names, drawn_kw, stored, 60 * stored / math.max(drawn_kw, 1e-6)),
          string.format("%d 个边缘节点失去市电，共耗电 %.2f 千瓦，电池余量 %.1f 千瓦时：可用 %.0f 分钟。",
          #names, drawn_kw, stored, 60 * stored / math.max(drawn_kw, 1e-6)))
        if stored == 0 then
          local each_kwh = p.battery_minutes / 60 * drawn_kw / math.max(#names, 1)
          twin:log(string.format("For %.0f min each would need %.2f kWh: --set edge_battery=%.2f.", p.battery_minutes, each_kwh, each_kwh),
            string.format("撑 %.0f 分钟，每个节点需要 %.2f 千瓦时：--set edge_battery=%.2f。", p.battery_minutes, each_kwh, each_kwh))
        end
      end
      if storage.is_cut and not storage.is_back then
        local dark = twin:sites { tier = "edge", is_up = 0 }:count()
        if dark ~= storage.dark then
          storage.dark, storage.most_dark = dark, math.max(dark, storage.most_dark)
          twin:log(dark .. " of " .. #names .. " edge sites are dark.", #names .. " 个边缘节点中 " .. dark .. " 个停机。")
        end
      end
      if drill.is_due(twin, storage, "is_back", p.back_minute) then
        local since = drill.since(twin, storage, "counts")
        for _, name in ipairs(names) do twin:restore_power(name) end
        twin:log("Power is back: meanwhile " .. storage.most_dark .. " sites went dark, " .. since.in_time .. " of " ..
          since.sent .. " answers in time, " .. since.lost .. " lost.",
          "恢复供电：期间 " .. storage.most_dark .. " 个节点停机，" .. since.sent .. " 个请求中 " .. since.in_time ..
          " 个按时应答，丢失 " .. since.lost .. " 个。")
      end
    end,
  },
}
