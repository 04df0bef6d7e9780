-- The fund stands for the first sales of every start-up: what nobody else buys it buys. A quarter passes each minute; the
-- fund's first tranche comes with the first one's close, and the guarantees are given then.
-- Not shown: start-ups whose product nobody should buy, what the units do once sold, and rates that fall with a record.
local function begin(twin, storage, p)
  local suppliers, given = twin:suppliers(), 0
  for i, name in ipairs(suppliers:column "name") do
    if suppliers:column "has_defaulted" [i] == 0 then
      twin:guarantee { supplier = name, quarters = p.quarters }
      given = given + 1
    end
  end
  twin:log(string.format("The fund stands for %d quarters of sales of %d start-ups.", p.quarters, given),
    string.format("基金为 %d 家初创企业各 %d 个季度的销售兜底。", given, p.quarters))
  storage.has_begun = true
end

local function tell(twin, storage)
  local wait, rate = twin:metric "economy.startup_wait", twin:metric "economy.startup_rate"
  local units, failed = twin:metric "economy.startup_units", twin:metric "economy.startup_defaults"
  local bought = twin:suppliers():sum "bought_cny" / 1e6
  twin:log(string.format("After %d quarters: %d units sold, first delivery after %.1f quarters, loans at %.1f %%, " ..
    "%d of %d start-ups in default; the fund bought for %.0f million CNY.", storage.quarters, units, wait, rate, failed,
    twin:suppliers():count(), bought),
    string.format("%d 个季度后：售出 %d 件，首次交付平均 %.1f 个季度，贷款利率 %.1f%%，%d/%d 家违约；基金兜底购买 %.0f 百万元。",
    storage.quarters, units, wait, rate, failed, twin:suppliers():count(), bought))
end

return scenario {
  title = { en = "The fund stands for sales", zh = "基金采购担保" },
  predict = { en = "A start-up's demand becomes certain for eight quarters. What of its rate, its first delivery, its survival?",
              zh = "初创企业八个季度的需求变得确定：利率、首次交付与存活会怎样？" },
  lesson = { en = "More start-ups live, at half the rate, and sell far more. None delivers sooner: without a first order cash " ..
             "runs out while it builds.",
             zh = "存活更多、利率减半、销量大增，交付却未提前：没有首单，建设期就耗尽现金。" },
  limits = { en = "What start-ups deliver once sold, products nobody should buy, rates that fall with a record. Figures are assumed.",
             zh = "产品售出后的作用、无人该买的产品、随信用下降的利率。数字为假设。" },
  measures = { "economy.startup_units", "economy.startup_rate", "economy.startup_wait", "economy.startup_defaults" },
  lasts_min = 14,
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "The fund stands for sales", zh = "基金为销售兜底" } },
    param { id = "quarters", type = "integer", default = 8, min = 1, max = 400, group = "scenario",
            label = { en = "Quarters of sales it stands for", zh = "兜底的销售季度数" } },
  },
  on_start = function(twin)
    if twin:suppliers():count() == 0 then
      twin:log("This scene has no start-ups: run it on scenes/parks.lua.", "本场景没有初创企业：请使用 scenes/parks.lua。")
    end
  end,
  every = {
    ["1min"] = function(twin, storage, p)
      if twin:suppliers():count() == 0 then return end
      storage.quarters = (storage.quarters or -1) + 1 -- closed so far: an order is obeyed before the next step
      if p.mechanism and storage.quarters == 1 then begin(twin, storage, p) end
      if storage.quarters == 13 then tell(twin, storage) end
      twin:close_quarter { delay_s = twin:metric "traffic.mean_delay", on_time_share = 1 }
    end,
  },
}
