-- The pattern park is copied: each quarter passes in five minutes of the clock, the fund gives the nearest-to-complete
-- parks what they lack as far as its money goes, and the quarter's close says what came of it.
local prices = { fibre = 50000, power = 5000, people = 10000, inference = 3000 } -- as city:equipment has them

-- What a park has to pay for all that it lacks, in yuan; the fibre's length is not in the table: 300 km at most.
local function bill(park)
  local sum = 0
  for need in park.lacks:gmatch "%a+" do
    if need == "fibre" then sum = sum + 300 * prices.fibre
    elseif need == "power" then sum = sum + (park.power_needed_kw - park.power_kw) * prices.power
    elseif need == "people" then sum = sum + (park.people_needed - park.people + 1) * prices.people
    else sum = sum + (park.inference_needed_per_s - park.inference_per_s + 1) * prices.inference end
  end
  return math.ceil(sum)
end

return scenario {
  title = { en = "The pattern park is copied", zh = "样板园区复制推广" },
  predict = { en = "Of 220 parks, how many have all they need after ten quarters, and what holds up the rest?",
              zh = "220 个园区中，十个季度后有多少配齐？其余卡在哪里？" },
  lesson = { en = "What a park lacks most decides when it is complete; whether output follows is measured, not assumed: look at the OEE.",
             zh = "最短的那块板决定园区何时配齐；产出是否提升要看实测的设备综合效率，而非假定。" },
  measures = { "economy.parks_complete", "economy.oee", "economy.tfp" },
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
      local left, fund = p.mechanism and p.parks_per_quarter or 0, twin:metric "economy.fund"
      local parks = twin:parks {}
      local names, lacks, coming = parks:column "name", parks:column "lacks", parks:column "coming"
      local columns = {}
      for _, key in ipairs { "power_kw", "power_needed_kw", "people", "people_needed", "inference_per_s",
                             "inference_needed_per_s", "has_defaulted" } do columns[key] = parks:column(key) end
      for i, name in ipairs(names) do
        local park = { lacks = lacks[i] }
        for key, column in pairs(columns) do park[key] = column[i] end
        local cny = lacks[i] ~= "" and coming[i] == "" and park.has_defaulted == 0 and bill(park) or 0
        if cny > 0 and left > 0 and cny <= fund then
          left, fund = left - 1, fund - cny
          twin:fund_park { name = name, cny = cny }
          for need in lacks[i]:gmatch "%a+" do twin:equip_park { name = name, what = need } end
        end
      end
      twin:close_quarter { delay_s = twin:metric "traffic.mean_delay", on_time_share = 1 }
      local complete = math.floor(twin:metric "economy.parks_complete")
      if complete ~= storage.complete then
        twin:log(complete .. " parks lack nothing.", complete .. " 个园区设施齐全。")
      end
      storage.complete = complete
    end,
  },
}
