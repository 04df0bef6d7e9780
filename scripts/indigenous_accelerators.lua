-- The same money buys domestic cards or the imported kind that the export rule still allows: fewer operations there, more
-- memory bandwidth, and a longer way. A hall for a language model grows by them, month by month.
-- Software was written for the other kind: until it is ported the domestic cards reach a part of their efficiency (the share
-- and the work of porting are assumed).
local cards, drill = include "lib/cards", include "lib/drill"

return scenario {
  title = { en = "Indigenous accelerators", zh = "国产加速卡" },
  predict = { en = "Domestic cards come in half the time. Imported ones read memory three times as fast. Which hall answers in time?",
              zh = "国产卡到货时间减半，进口卡显存带宽是其三倍。哪个机房能按时应答？" },
  lesson = { en = "A language model decodes as fast as memory is read. Operations, which the export rule counts, say little; early " ..
             "cards help until the others come.",
             zh = "大模型解码取决于显存带宽；先到的卡只在对手未到货时占优。出口规则所看的算力本身说明不了多少。" },
  limits = { en = "Who pays for the porting, and prices that move. Its work, the share before it and lead times are assumed.",
             zh = "移植由谁出资，以及价格变动。移植工作量、移植前效率与交付周期为假设。" },
  measures = { "ai.cards_delivered", "twin.requests_late", "twin.requests_lost", "twin.energy" },
  params = {
    param { id = "mechanism", type = "boolean", default = true, group = "scenario",
            label = { en = "Domestic cards (else H20)", zh = "用国产卡（否则 H20）" } },
    param { id = "software", type = "number", default = 0.6, min = 0.05, max = 1, step = 0.05, group = "scenario",
            label = { en = "Efficiency on domestic cards before porting", zh = "移植前国产卡效率" } },
    param { id = "porting", type = "number", default = 600, min = 0, max = 1e5, unit = "person-days", group = "scenario",
            label = { en = "Work to port the model", zh = "移植工作量" } },
    param { id = "money", type = "number", default = 0.4, min = 0.01, max = 1000, unit = "million CNY", group = "scenario",
            label = { en = "Money for cards, per month", zh = "每月购卡资金" } },
    param { id = "growth", type = "number", default = 2, min = 0, max = 100, unit = "1/s", group = "scenario",
            label = { en = "More questions each month", zh = "每月新增提问" } },
  },
  on_start = function(twin, storage, p)
    cards.begin(twin, storage)
    twin:export_control { rule = "oct2023" }
    twin:set_software { card = "ascend-910b", share = p.software }
    twin:port_service { service = "city-llm", card = "ascend-910b", person_days = p.porting }
  end,
  every = {
    ["1min"] = function(twin, storage, p)
      cards.month(twin, storage, p.mechanism and "ascend-910b" or "h20", 1e6 * p.money, p.growth)
    end,
  },
  timeline = {
    ["+14min"] = function(twin, storage)
      cards.tell(twin, storage, drill.since(twin, storage, "counts", "assistant"))
    end,
  },
}
