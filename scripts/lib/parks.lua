-- What policies for parks share: what a park lacks, what that costs, and the order for it.
local parks = {}

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

-- Parks that lack something, have nothing under way and are solvent: { name, number, region, side, lacks, cny }.
function parks.open(twin)
  local side, column, open = {}, {}, {}
  local regions, rows = twin:regions {}, twin:parks {}
  for i, name in ipairs(regions:column "name") do side[name] = regions:column "side" [i] end
  for _, key in ipairs(columns) do column[key] = rows:column(key) end
  for i, name in ipairs(rows:column "name") do
    local park = { name = name, number = i }
    for key, values in pairs(column) do park[key] = values[i] end
    if park.lacks ~= "" and park.coming == "" and park.has_defaulted == 0 then
      park.cny, park.side = bill(park), side[park.region]
      if park.cny > 0 then table.insert(open, park) end
    end
  end
  return open
end

function parks.cheaper(a, b)
  if a.cny ~= b.cny then return a.cny < b.cny end
  return a.number < b.number
end

function parks.equip(twin, park)
  twin:fund_park { name = park.name, cny = park.cny }
  for need in park.lacks:gmatch "%a+" do twin:equip_park { name = park.name, what = need } end
end

-- The fund completes up to `count` parks in the order of `before`, as far as its money goes, each with its reason.
function parks.complete(twin, count, before, reason_en, reason_zh)
  local open, fund = parks.open(twin), twin:metric "economy.fund"
  table.sort(open, before)
  for _, park in ipairs(open) do
    if count > 0 and park.cny <= fund then
      count, fund = count - 1, fund - park.cny
      twin:log(park.name .. " (" .. park.region .. ") lacks " .. park.lacks .. reason_en,
        park.name .. "（" .. park.region .. "）缺 " .. park.lacks .. reason_zh)
      parks.equip(twin, park)
    end
  end
end

return parks
