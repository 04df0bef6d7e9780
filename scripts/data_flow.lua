-- Camera and factory pictures flow from the edge to the cloud; first one fibre of an edge site is cut, then its other.
local drill = include "lib/drill"

return scenario {
  title = { en = "A fibre is cut, then another", zh = "光纤先后中断" },
  predict = { en = "Which cut do the junctions notice: the first, or the second?",
              zh = "路口会察觉第一次还是第二次断纤？" },
  lesson = { en = "Nobody notices the first: the ring carries the load the other way. Without the second a site is an " ..
             "island: its junctions fall back, or its cards serve.",
             zh = "第一次无人察觉：环网会反向承载；第二根光纤也断后节点成为孤岛：路口退回本地方案，或由本地算力服务。" },
  measures = { "network.max_link_load", "twin.requests_lost", "twin.p95" },
  lasts_min = function(p) return math.max(p.cut_minute + 2, p.second_minute + 2, p.repair_minute) + 0.5 end,
  params = {
    param { id = "cut_minute", type = "number", default = 3, min = 1, max = 60, unit = "min", group = "scenario",
            label = { en = "First cut after", zh = "首次中断时刻" } },
    param { id = "second_minute", type = "number", default = 6, min = 1, max = 60, unit = "min", group = "scenario",
            label = { en = "Second cut after", zh = "再次中断时刻" } },
    param { id = "repair_minute", type = "number", default = 10, min = 2, max = 120, unit = "min", group = "scenario",
            label = { en = "Repair after", zh = "修复时刻" } },
    param { id = "edge_serves", type = "boolean", default = false, group = "scenario",
            label = { en = "Edge sites serve", zh = "边缘节点提供服务" } },
  },
  on_start = function(twin, storage, p)
    if not p.edge_serves then twin:set_policy { name = "cloud_only" } end
    -- Fibres of the ring join sites, or the core before one. The edge site with the most masts loses its ring.
    local is_site, masts, best = {}, {}, nil
    for _, name in ipairs(twin:sites():column "name") do
      is_site[name], is_site[name .. "-core"] = true, true
    end
    local links = twin:links()
    local names, from, to = links:column "name", links:column "from", links:column "to"
    for i = 1, #names do
      local site = is_site[from[i]] and not is_site[to[i]] and from[i] or is_site[to[i]] and not is_site[from[i]] and to[i]
      if site then masts[site] = (masts[site] or 0) + 1 end
    end
    for _, name in ipairs(twin:sites { tier = "edge" }:column "name") do
      if not best or (masts[name] or 0) > (masts[best] or 0) then best = name end
    end
    storage.site, storage.ring = best, {}
    for i = 1, #names do
      if is_site[from[i]] and is_site[to[i]] and (from[i] == best or to[i] == best) then
        storage.ring[#storage.ring + 1] = names[i]
      end
    end
  end,
  every = {
    ["10s"] = function(twin, storage, p)
      for i, at in ipairs { p.cut_minute, p.second_minute } do
        if storage.ring[i] and drill.is_due(twin, storage, "is_cut_" .. i, at) then
          drill.since(twin, storage, "counts")
          twin:cut_link(storage.ring[i])
        end
        if storage.ring[i] and drill.is_due(twin, storage, "is_told_" .. i, at + 2) then
          local since = drill.since(twin, storage, "counts")
          local by_ai = math.floor(twin:metric "twin.signals_by_ai" + 0.5)
          twin:log("Two minutes after cut " .. i .. ": " .. since.in_time .. " of " .. since.sent .. " answers in time, " ..
            since.lost .. " lost; " .. by_ai .. " % of the junctions follow the camera.",
            "第 " .. i .. " 次断纤两分钟后：" .. since.sent .. " 个请求中 " .. since.in_time .. " 个按时应答，丢失 " ..
            since.lost .. " 个；" .. by_ai .. "% 的路口由视觉控制。")
        end
      end
      if drill.is_due(twin, storage, "is_repaired", p.repair_minute) then
        for i, link in ipairs(storage.ring) do
          if storage["is_cut_" .. i] then twin:repair_link(link) end
        end
      end
    end,
  },
}
