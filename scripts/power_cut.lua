-- The grid fails at the edge sites: each goes on while sun and battery carry it, then the others take its work.
local drill = include "lib/drill"

return scenario {
  title = { en = "The power fails", zh = "停电" },
  predict = { en = "How long do the edge sites last on their batteries, and who answers after that?",
              zh = "边缘节点靠电池能撑多久？之后由谁来应答？" },
  lesson = { en = "A site lasts its battery's energy over its power, cooling included; then others answer. Without one it is dark at once.",
             zh = "续航时间等于电池电量除以总功率（含制冷），此后由其他站点应答；没有电池则立即停机。" },
  measures = { "compute.stored_energy", "twin.requests_lost", "twin.p95" },
  params = {
    param { id = "cut_minute", type = "number", default = 2, min = 0.5, max = 60, unit = "min", group = "scenario",
            label = { en = "Power fails after", zh = "停电时刻" } },
    param { id = "back_minute", type = "number", default = 10, min = 1, max = 600, unit = "min", group = "scenario",
            label = { en = "Back after", zh = "来电时刻" } },
  },
  every = {
    ["10s"] = function(twin, storage, p)
      local edges = twin:sites { tier = "edge" }
      local names = edges:column "name"
      if drill.is_due(twin, storage, "is_cut", p.cut_minute) then
        local stored = 0
        local kept = twin:site_energy()
        local owners, kwh = kept:column "name", kept:column "stored_kwh"
        for _, name in ipairs(names) do
          for i, owner in ipairs(owners) do
            if owner == name then stored = stored + kwh[i] end
          end
          twin:cut_power(name)
        end
        drill.since(twin, storage, "counts")
        storage.dark = 0
        local text = string.format("%.1f", stored)
        local hint_en, hint_zh = "", ""
        if stored == 0 then hint_en, hint_zh = " --set edge_battery=20 gives them some.", "可用 --set edge_battery=20 配置电池。" end
        twin:log("The grid is gone at " .. #names .. " edge sites; their batteries hold " .. text .. " kWh." .. hint_en,
          #names .. " 个边缘节点失去市电，电池余量 " .. text .. " kWh。" .. hint_zh)
      end
      if storage.is_cut and not storage.is_back then
        local dark = twin:sites { tier = "edge", is_up = 0 }:count()
        if dark ~= storage.dark then
          storage.dark = dark
          twin:log(dark .. " of " .. #names .. " edge sites are dark.", #names .. " 个边缘节点中 " .. dark .. " 个停机。")
        end
      end
      if drill.is_due(twin, storage, "is_back", p.back_minute) then
        local since = drill.since(twin, storage, "counts")
        for _, name in ipairs(names) do twin:restore_power(name) end
        twin:log("Power is back: meanwhile " .. since.in_time .. " of " .. since.sent .. " answers in time, " ..
          since.lost .. " lost.",
          "恢复供电：期间 " .. since.sent .. " 个请求中 " .. since.in_time .. " 个按时应答，丢失 " .. since.lost .. " 个。")
      end
    end,
  },
}
