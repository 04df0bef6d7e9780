-- A hall for a language model grows by the cards that the month's money buys; in the fifth month the rule of October 2023
-- forbids the imported kind, and what is on its way is lost. The hall goes on with what a domestic maker can send.
-- Not shown: prices that rise with scarcity, and cards that come by other ways.
local cards, drill = include "lib/cards", include "lib/drill"

return scenario {
  title = { en = "Export shock", zh = "出口管制冲击" },
  predict = { en = "In the fifth month imported cards are forbidden. Do the questions of this city still get their answers?",
              zh = "第五个月起进口卡被禁。这座城市的提问还能得到应答吗？" },
  lesson = { en = "A quarter fewer cards come, yet no more questions are late: what stands serves on, and " ..
             "the money that comes back buys cards that come sooner.",
             zh = "到货少了四分之一，迟到却未增加：已装机照常运行，退回的钱买到交付更快的卡。" },
  limits = { en = "Prices that rise with scarcity, and cards that come by other ways. Lead times are assumed.",
             zh = "因短缺上涨的价格，以及其他渠道的卡。交付周期为假设。" },
  measures = { "ai.cards_delivered", "twin.requests_late", "twin.requests_lost" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Export rule in the fifth month", zh = "第五个月起出口管制" } },
    param { id = "money", type = "number", default = 0.4, min = 0.01, max = 1000, unit = "million CNY", group = "scenario",
            label = { en = "Money for cards, per month", zh = "每月购卡资金" } },
    param { id = "growth", type = "number", default = 2, min = 0, max = 100, unit = "1/s", group = "scenario",
            label = { en = "More questions each month", zh = "每月新增提问" } },
  },
  on_start = function(twin, storage) cards.begin(twin, storage) end,
  every = {
    ["1min"] = function(twin, storage, p)
      local is_shut = p.mechanism and storage.month >= 4
      if is_shut and not storage.is_shut then
        storage.is_shut = true
        local coming = math.floor(twin:card_supply { card = "l40s" }:sum "coming")
        storage.money = storage.money + coming * twin:card_supply { card = "l40s" }:column "price_cny" [1]
        twin:log(coming .. " cards on their way are cancelled.", "在途 " .. coming .. " 块卡被取消。")
        twin:export_control { rule = "oct2023" }
      end
      cards.month(twin, storage, is_shut and "ascend-910b" or "l40s", 1e6 * p.money, p.growth)
    end,
  },
  timeline = {
    ["+14min"] = function(twin, storage)
      cards.tell(twin, storage, drill.since(twin, storage, "counts", "assistant"))
    end,
  },
}
