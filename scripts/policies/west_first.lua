-- The fund completes the parks of the west before those of the east, each quarter as far as a share of its money goes.
local prices = { fibre = 50000, power = 5000, people = 10000, inference = 3000 } -- as city:equipment has them
local columns = { "region", "lacks", "coming", "has_defaulted", "power_kw", "power_needed_kw", "people", "people_needed",
                  "inference_per_s", "inference_needed_per_s" }

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
  title = { en = "The west first", zh = "西部优先" },
  predict = { en = "When do the western parks lack nothing, and what becomes of productivity and of the gap to the east?",
              zh = "西部园区何时配齐？生产率与东西差距会怎样？" },
  lesson = { en = "Money that completes a park raises its output only where its lines lacked it: see OEE and Theil index.",
             zh = "补齐园区的投入，只有在产线确实受其制约时才提高产出：看设备综合效率与泰尔指数。" },
  params = {
    param { id = "parks_per_quarter", type = "integer", default = 20, min = 0, max = 500, group = "scenario",
            label = { en = "Parks equipped per quarter", zh = "每季度配套园区数" } },
  },
  quarter = function(twin, _, p)
    local west = {}
    local regions = twin:regions {}
    local sides = regions:column "side"
    for i, name in ipairs(regions:column "name") do west[name] = sides[i] == "west" end
    local rows, column, chosen = twin:parks {}, {}, {}
    for _, key in ipairs(columns) do column[key] = rows:column(key) end
    for i, name in ipairs(rows:column "name") do
      local park = { name = name, number = i }
      for key, values in pairs(column) do park[key] = values[i] end
      if park.lacks ~= "" and park.coming == "" and park.has_defaulted == 0 then
        park.cny = bill(park)
        if park.cny > 0 then table.insert(chosen, park) end
      end
    end
    table.sort(chosen, function(a, b)
      if west[a.region] ~= west[b.region] then return west[a.region] or false end
      if a.cny ~= b.cny then return a.cny < b.cny end
      return a.number < b.number
    end)
    local fund, left = twin:metric "economy.fund", p.parks_per_quarter
    for _, park in ipairs(chosen) do
      if left > 0 and park.cny <= fund then
        left, fund = left - 1, fund - park.cny
        twin:log(park.name .. " (" .. park.region .. ") lacks " .. park.lacks .. " and is the cheapest left of its side",
          park.name .. "（" .. park.region .. "）缺 " .. park.lacks .. "，在本侧所余园区中花费最少")
        twin:fund_park { name = park.name, cny = park.cny }
        for need in park.lacks:gmatch "%a+" do twin:equip_park { name = park.name, what = need } end
      end
    end
  end,
}
