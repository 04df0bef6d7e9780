-- Access to AI in 220 parks of two regions: each quarter passes in three minutes of the clock. The mechanism gives fibre and
-- computers for inference, out of the fund, to parks that lack them: those first where fewest parts a person are judged by
-- a model. Without it the quarters pass and nobody is equipped.
local prices = { fibre = 50000, inference = 3000 } -- as city:equipment has them; the fibre's length: 300 km at most

-- What a park has to pay for what of the two it lacks, in yuan.
local function bill(lacks, needed_per_s, has_per_s)
  local sum = 0
  if lacks:find "fibre" then sum = sum + 300 * prices.fibre end
  if lacks:find "inference" then sum = sum + (needed_per_s - has_per_s + 1) * prices.inference end
  return math.ceil(sum)
end

-- Parks by parts judged by a model for each of their people, fewest first; those equal, by their name.
local function poorest_first(names, by_model, people)
  local order = {}
  for i = 1, #names do order[i] = i end
  table.sort(order, function(a, b)
    local x, y = by_model[a] / math.max(1, people[a]), by_model[b] / math.max(1, people[b])
    if x ~= y then return x < y end
    return names[a] < names[b]
  end)
  return order
end

local function equip(twin, p)
  local parks = twin:parks()
  local names, lacks, coming = parks:column "name", parks:column "lacks", parks:column "coming"
  local needed, has = parks:column "inference_needed_per_s", parks:column "inference_per_s"
  local people, by_model, defaulted = parks:column "people", parks:column "by_model", parks:column "has_defaulted"
  local left, fund = p.parks_per_quarter, twin:metric "economy.fund"
  for _, i in ipairs(poorest_first(names, by_model, people)) do
    local cny = bill(lacks[i], needed[i], has[i])
    if left > 0 and cny > 0 and cny <= fund and coming[i] == "" and defaulted[i] == 0 then
      left, fund = left - 1, fund - cny
      twin:fund_park { name = names[i], cny = cny }
      for _, need in ipairs { "fibre", "inference" } do
        if lacks[i]:find(need) then twin:equip_park { name = names[i], what = need } end
      end
    end
  end
end

local function tell(twin, storage)
  local quarters = twin:quarters()
  local access, between = quarters:column "theil_access", quarters:column "theil_access_between"
  local product = quarters:column "theil_productivity"
  local n = #access
  if n < 2 or storage.is_told then return end
  storage.is_told = true
  twin:log(string.format("Theil index of access to AI %.3f, %.3f in the first quarter; between regions %.3f, %.3f then; " ..
    "of output a person %.3f, %.3f then.", access[n], access[1], between[n], between[1], product[n], product[1]),
    string.format("AI 可及性泰尔指数 %.3f，首季 %.3f；区域间 %.3f，首季 %.3f；人均产出 %.3f，首季 %.3f。", access[n], access[1],
    between[n], between[1], product[n], product[1]))
end

return scenario {
  title = { en = "The digital divide", zh = "数字鸿沟" },
  predict = { en = "Does the gap lie between East and West, or within each of them?",
              zh = "差距主要在东西部之间，还是在各自内部？" },
  lesson = { en = "Access draws level; output a person does not, it spreads a little. Nearly all of the gap lies within the " ..
             "regions.",
             zh = "可及性趋于均衡，人均产出却略有拉大；差距几乎都在区域内部。" },
  limits = { en = "Skills, prices, and what people do with access. Figures of parks are drawn, prices assumed.",
             zh = "技能、价格，以及人们如何使用。园区参数随机抽取，价格为假设。" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Equip those without access", zh = "为缺乏可及性的园区配套" } },
    param { id = "parks_per_quarter", type = "integer", default = 60, min = 0, max = 500, group = "scenario",
            label = { en = "Parks equipped per quarter", zh = "每季度配套园区数" } },
  },
  measures = { "economy.theil_access", "economy.theil_productivity", "economy.tfp" },
  lasts_min = 18, -- six quarters
  on_start = function(twin)
    if twin:parks():count() == 0 then
      twin:log("This scene has no parks: run it on scenes/parks.lua.", "本场景没有园区：请使用 scenes/parks.lua。")
    end
  end,
  every = {
    ["3min"] = function(twin, storage, p)
      if twin:parks():count() == 0 then return end
      if p.mechanism then equip(twin, p) end
      twin:close_quarter { delay_s = twin:metric "traffic.mean_delay", on_time_share = 1 }
      storage.quarters = (storage.quarters or 0) + 1
    end,
    ["1080s"] = function(twin, storage) tell(twin, storage) end,
  },
}
