-- Two programmes that cross: "Shanghai research, Sichuan manufacturing" trains on what western lines have judged and sells
-- the model to western parks by a start-up of Shanghai; "Sichuan research, Shanghai application" is its mirror. A quarter
-- passes each minute. The fund stands for both start-ups' sales with and without the programmes, so that they live.
-- The western laboratory is a site of eight cards a thousand kilometres from the city's; the cloud stands for Shanghai's.
-- People move who are idle; here no park hires, so that they change nothing. The quarter's energy is left out on both sides.
-- Not shown: what researchers find out, labelling, what tells eastern parts from western ones (one law for both).
local model, west_lab, east_lab = "inspection-vision", "west-lab", "city-cloud"
local picture_gb = 0.0005

local programmes = {
  { key = "west", name_en = "Shanghai research, Sichuan manufacturing", name_zh = "上海研发、四川制造",
    data = "western-parts", from = west_lab, lab = east_lab, supplier = "inspection-models", region = "chengdu-chongqing" },
  { key = "east", name_en = "Sichuan research, Shanghai application", name_zh = "四川研发、上海应用",
    data = "eastern-parts", from = east_lab, lab = west_lab, supplier = "line-models", region = "shanghai" },
}

local function judged_in(twin, region)
  local parks, sum = twin:parks(), 0
  local regions, by_model = parks:column "region", parks:column "by_model"
  local by_fallback = parks:column "by_fallback"
  for i = 1, #regions do
    if regions[i] == region then sum = sum + by_model[i] + by_fallback[i] end
  end
  return sum
end

local function row_of(rows, name)
  for i, key in ipairs(rows:column "name") do
    if key == name then return i end
  end
end

-- The pictures of the region's parts, from the start until now, lie on one side; the other reads them and trains.
local function learn(twin, storage, programme, p)
  local has_begun, cards = "begun-" .. programme.key, twin:sites { name = programme.lab }:sum "cards"
  if storage[has_begun] or storage.quarter < 2 or cards == 0 then return end
  storage[has_begun] = true
  local gb = judged_in(twin, programme.region) * picture_gb
  twin:keep_data { name = programme.data, sector = "industry", site = programme.from, gb = math.max(gb, 0.001) }
  twin:tune_model { model = model, version = 1, data = programme.data, site = programme.lab, purpose = "inspection",
                    epochs = p.share }
end

local function sell(twin, storage, programme)
  local tunings, suppliers = twin:tunings(), twin:suppliers()
  local row, seller = nil, row_of(suppliers, programme.supplier)
  for i, site in ipairs(tunings:column "site") do
    if site == programme.lab and tunings:column "phase" [i] == "done" then row = i end
  end
  if not row or storage[programme.key] or suppliers:column "delivered_in" [seller] == 0 then return end
  local version = math.floor(tunings:column "version" [row])
  storage[programme.key] = { version = version, quarter = storage.quarter }
  twin:license_model { supplier = programme.supplier, model = model, version = version, region = programme.region }
end

-- The version, its quality, who bought it; once, at the end.
local function tell(twin, storage, programme)
  local order, suppliers = storage[programme.key], twin:suppliers()
  if not order then
    local seller = row_of(suppliers, programme.supplier)
    twin:log(string.format("%s: no order; %s has %s.", programme.name_en, programme.supplier,
      suppliers:column "has_defaulted" [seller] == 1 and "defaulted" or "nothing to sell"),
      programme.name_zh .. "：没有订单。")
    return
  end
  local quality = twin:models { model = model, version = order.version }:column "quality" [1]
  local parks = suppliers:column "licensed" [row_of(suppliers, programme.supplier)]
  twin:log(string.format("%s: a version of quality %.3f after %d quarters, bought by %d parks.", programme.name_en, quality,
    order.quarter - 1, parks),
    string.format("%s：%d 个季度后得到质量 %.3f 的版本，%d 个园区购买。", programme.name_zh, order.quarter - 1, quality, parks))
end

return scenario {
  title = { en = "East and West, both ways", zh = "东西双向协作" },
  predict = { en = "Each side trains on what the other's lines have judged, and sells the model back. Does the gap between parks narrow?",
              zh = "双方各用对方产线的质检数据训练，再把模型卖回去。园区差距会缩小吗？" },
  lesson = { en = "A little: better verdicts in parks that have computers. Access does not move, for who lacks computers " ..
             "buys nothing; people who move find no job.",
             zh = "略有缩小：有算力的园区判得更准；没算力的无从购买，可及性不变；迁来的人也没有岗位。" },
  limits = { en = "What researchers find, labelling, and what tells eastern parts from western ones. People find no job here.",
             zh = "研究成果、标注成本，以及东西部零件的差异。迁移的人在此没有岗位。" },
  measures = { "economy.theil_productivity", "economy.theil_access", "economy.oee", "economy.tfp" },
  lasts_min = 14,
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Both programmes run", zh = "两项计划同时进行" } },
    param { id = "share", type = "number", default = 0.25, min = 0.01, max = 1, step = 0.01, group = "scenario",
            label = { en = "Share of the pictures that is used", zh = "使用的图像比例" } },
    param { id = "people", type = "integer", default = 500, min = 0, max = 100000, group = "scenario",
            label = { en = "Skilled people who go west each quarter", zh = "每季度西进技能人才" } },
  },
  on_start = function(twin, storage, p)
    storage.is_here = twin:suppliers { name = "line-models" }:count() > 0
    if not storage.is_here then
      twin:log("This scene has no start-ups of both regions: run it on scenes/parks.lua.",
        "本场景没有两地的初创企业：请使用 scenes/parks.lua。")
    elseif p.mechanism then
      twin:place_edge_site { name = west_lab, x = -1e6, y = 0, card = "ascend-910b", count = 0, fibre_gbps = 100 }
      twin:order_cards { card = "ascend-910b", site = west_lab, count = 8 }
    end
  end,
  every = {
    ["1min"] = function(twin, storage, p)
      if not storage.is_here then return end
      storage.quarter = (storage.quarter or 0) + 1
      if storage.quarter == 2 then
        for _, programme in ipairs(programmes) do twin:guarantee { supplier = programme.supplier, quarters = 8 } end
      end
      if p.mechanism then
        for _, programme in ipairs(programmes) do
          learn(twin, storage, programme, p)
          sell(twin, storage, programme)
        end
        if p.people > 0 and storage.quarter > 1 then
          twin:move_people { from = "shanghai", to = "chengdu-chongqing", people = p.people }
        end
        if storage.quarter == 14 then
          for _, programme in ipairs(programmes) do tell(twin, storage, programme) end
        end
      end
      twin:pass_days { days = 91 }
      twin:close_quarter { delay_s = twin:metric "traffic.mean_delay", on_time_share = 1 }
    end,
  },
}
