-- Rain in the morning: all drive a little slower and keep more distance, and every junction lets fewer through.
return scenario {
  title = { en = "A rainy morning", zh = "雨天早高峰" },
  predict = { en = "Moderate rain takes 7 % of a lane's capacity: does it take 7 % of the city's speed?",
              zh = "中雨使车道通行能力下降 7%：全市车速也只降 7% 吗？" },
  lesson = { en = "Little changes where there is room; where a queue was about to form, a few per cent become minutes of delay.",
             zh = "道路富余时几乎无感；临近饱和处，几个百分点的能力损失就会变成数分钟的延误。" },
  measures = { "traffic.mean_speed", "traffic.longest_queue", "traffic.mean_delay" },
  lasts_min = function(p) return 5 + math.min(60 * p.rain_hours, 25) end,
  params = {
    param { id = "rain_mm_per_h", type = "number", default = 5, min = 0.5, max = 60, unit = "mm/h", group = "scenario",
            label = { en = "Rain", zh = "降雨强度" } },
    param { id = "rain_hours", type = "number", default = 0.5, min = 0.1, max = 12, unit = "h", group = "scenario",
            label = { en = "It rains for", zh = "降雨时长" } },
  },
  on_start = function(twin, storage) storage.dry_kmh, storage.wet_kmh, storage.dry_n, storage.wet_n = 0, 0, 0, 0 end,
  timeline = {
    ["+5min"] = function(twin, storage, p)
      storage.is_wet = true
      twin:rain { rain_mm_per_h = p.rain_mm_per_h, hours = p.rain_hours }
    end,
  },
  every = {
    ["30s"] = function(twin, storage)
      local kind = storage.is_wet and "wet" or "dry"
      if storage.is_wet and twin:disturbances { kind = "rain" }:count() == 0 then return end
      storage[kind .. "_kmh"] = storage[kind .. "_kmh"] + twin:metric "traffic.mean_speed"
      storage[kind .. "_n"] = storage[kind .. "_n"] + 1
      if storage.wet_n > 0 and storage.dry_n > 0 and storage.wet_n % 10 == 0 then
        local dry_kmh, wet_kmh = storage.dry_kmh / storage.dry_n, storage.wet_kmh / storage.wet_n
        twin:log(string.format("Mean speed of the city dry %.1f km/h, in rain %.1f km/h.", dry_kmh, wet_kmh),
          string.format("全市平均车速：无雨 %.1f 公里/小时，雨中 %.1f。", dry_kmh, wet_kmh))
      end
    end,
  },
}
