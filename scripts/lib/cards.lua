-- A language model's demand grows month by month, and halls of cards grow with it: what scenarios of card supply share.
-- A month passes each minute; a question a second more comes each month than the one before.
local cards = {}

-- A crowd that asks nothing yet.
function cards.begin(twin, storage)
  storage.x, storage.y = twin:sites():mean "x_m", twin:sites():mean "y_m"
  storage.month, storage.money, storage.halls = 0, 0, {}
  twin:place_crowd { name = "askers", type = "assistant", x = storage.x, y = storage.y, per_s = 0 }
end

-- A month: `money_cny` buys as many of the card as it pays for, for the hall of such cards (a model runs on one kind at a
-- site); orders that are due arrive, and the model comes to a hall once that has cards.
function cards.month(twin, storage, card, money_cny, growth_per_s)
  storage.month = storage.month + 1
  local price = twin:card_supply { card = card }:column "price_cny" [1]
  storage.money = storage.money + money_cny
  local count = math.floor(storage.money / price)
  if count > 0 then
    local hall = "hall-" .. card
    if storage.halls[hall] == nil then
      storage.halls[hall] = false
      twin:place_edge_site { name = hall, x = storage.x, y = storage.y, count = 0 }
    end
    storage.money = storage.money - count * price
    twin:order_cards { card = card, site = hall, count = count }
  end
  twin:pass_days(30)
  twin:set_crowd("askers", growth_per_s * storage.month)
  for hall, has_model in pairs(storage.halls) do
    if not has_model and twin:sites { name = hall }:sum "cards" > 0 then
      storage.halls[hall] = true
      twin:deploy_model { model = "city-llm", site = hall }
    end
  end
end

-- What came of it, in both languages.
function cards.tell(twin, storage, counts)
  local hall = 0
  for name in pairs(storage.halls) do hall = hall + math.floor(twin:sites { name = name }:sum "cards") end
  local share = 100 * counts.in_time / math.max(1, counts.sent)
  local spent = 0
  local supply = twin:card_supply {}
  for i, price in ipairs(supply:column "price_cny") do
    spent = spent + price * (supply:column "coming" [i] + supply:column "delivered" [i])
  end
  twin:log(string.format("After %d months: %d cards in the halls for %.1f million yuan; %.0f %% of the questions in time.",
    storage.month, hall, spent / 1e6, share),
    string.format("%d 个月后：机房有 %d 块卡，花费 %.1f 百万元；%.0f%% 的提问按时应答。", storage.month, hall, spent / 1e6, share))
end

return cards
