-- Accelerators fail with requests in flight: cards of the cloud, one after the other, then the whole rack.
local drill = include "lib/drill"

return scenario {
  title = { en = "Accelerators fail at work", zh = "加速卡运行中故障" },
  predict = { en = "What becomes of the questions that a failing card was working on?",
              zh = "故障加速卡正在处理的请求会怎样？" },
  lesson = { en = "Each is tried again elsewhere or counted lost, none twice; the cards beside it go on.",
             zh = "每个请求或在别处重试，或计为丢失，绝不重复计数；旁边的卡继续工作。" },
  measures = { "twin.requests_retried", "twin.requests_lost", "compute.utilisation" },
  lasts_min = function(p) return math.max(6, 3 + p.cards / 3) + 1 end, -- one card each 20 s
  params = {
    param { id = "cards", type = "integer", default = 3, min = 0, max = 64, group = "scenario",
            label = { en = "Cards that fail", zh = "故障卡数" } },
    param { id = "retries", type = "integer", default = 2, min = 0, max = 5, group = "scenario",
            label = { en = "Retries", zh = "重试次数" } },
    param { id = "load", type = "number", default = 5, min = 0, max = 1000, unit = "1/s", group = "scenario",
            label = { en = "Questions", zh = "提问速率" } },
  },
  on_start = function(twin, storage, p)
    storage.site = twin:sites { tier = "city" }:first() or twin:sites():first()
    twin:set_guard { retries = p.retries, retry_budget = 1 }
    local x, y = twin:sites():mean "x_m", twin:sites():mean "y_m"
    if x then twin:place_crowd { name = "askers", type = "assistant", x = x, y = y, per_s = p.load } end
    storage.failed = 0
  end,
  every = {
    ["20s"] = function(twin, storage, p)
      if not storage.site or drill.minute(twin, storage) < 2 then return end
      if storage.failed < p.cards then
        storage.failed = storage.failed + 1
        local working = twin:sites { name = storage.site }:sum "cards" - storage.failed -- all over the rack
        twin:fail_card { name = storage.site, rack = 0, card = working * storage.failed // (p.cards + 1) }
      elseif drill.is_due(twin, storage, "is_rack_down", 4) then
        drill.since(twin, storage, "counts")
        twin:fail_rack { name = storage.site, rack = 0 }
      elseif drill.is_due(twin, storage, "is_rack_up", 6) then
        local since = drill.since(twin, storage, "counts")
        twin:log("Without the rack: " .. since.sent .. " sent, " .. since.answered .. " answered, " .. since.retried ..
          " tried again, " .. since.lost .. " lost.",
          "机柜故障期间：发出 " .. since.sent .. " 个，应答 " .. since.answered .. " 个，重试 " .. since.retried ..
          " 个，丢失 " .. since.lost .. " 个。")
        twin:repair_rack { name = storage.site, rack = 0 }
        for _ = 1, storage.failed do twin:repair_card { name = storage.site, rack = 0 } end
      end
    end,
  },
}
