-- The pattern park is copied: each quarter passes in five minutes of the clock, the fund gives the nearest-to-complete
-- parks what they lack as far as its money goes, and the quarter's close says what came of it.
local parks = include "lib/parks"

return scenario {
  title = { en = "The pattern park is copied", zh = "样板园区复制推广" },
  predict = { en = "Of 220 parks, how many have all they need after ten quarters, and what holds up the rest?",
              zh = "220 个园区中，十个季度后有多少配齐？其余卡在哪里？" },
  lesson = { en = "What a park lacks most decides when it is complete; whether output follows is measured, not assumed: look at the OEE.",
             zh = "最短的那块板决定园区何时配齐；产出是否提升要看实测的设备综合效率，而非假定。" },
  limits = { en = "Quarters are five minutes of production each and scatter much. Prices and figures of lines are assumed.",
             zh = "每季度只模拟五分钟生产，离散较大。价格与产线参数为假设。" },
  measures = { "economy.parks_complete", "economy.oee", "economy.tfp" },
  lasts_min = 50, -- ten quarters
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "The fund completes parks", zh = "基金为园区配套" } },
    param { id = "parks_per_quarter", type = "integer", default = 40, min = 0, max = 500, group = "scenario",
            label = { en = "Parks equipped per quarter", zh = "每季度配套园区数" } },
  },
  on_start = function(twin)
    if twin:parks():count() == 0 then
      twin:log("This scene has no parks: run it on scenes/parks.lua.", "本场景没有园区：请使用 scenes/parks.lua。")
    end
  end,
  every = {
    ["5min"] = function(twin, storage, p)
      if twin:parks():count() == 0 then return end
      if p.mechanism then
        parks.complete(twin, p.parks_per_quarter, parks.cheaper, " and is the cheapest left", "，为所余花费最少者")
      end
      twin:close_quarter { delay_s = twin:metric "traffic.mean_delay", on_time_share = 1 }
      storage.quarters = (storage.quarters or 0) + 1
      local complete, all = math.floor(twin:metric "economy.parks_complete"), twin:parks():count()
      twin:log("After " .. storage.quarters .. " quarters " .. complete .. " of " .. all .. " parks lack nothing.",
        storage.quarters .. " 个季度后，" .. all .. " 个园区中有 " .. complete .. " 个设施齐全。")
    end,
  },
}
