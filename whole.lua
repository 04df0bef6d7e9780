return scene { title = 'whole', seed = 11, dt = 0.25, start = '06:00:30',
  map = function(p) return plan { style = 'district', area_km2 = p.area, seed = 2 } end,
  params = { param { id = 'area', type = 'number', default = 1, min = 1, max = 2, label = 'area' },
             param { id = 'ring', type = 'boolean', default = true, label = 'ring' } },
  build = function(city, p)
    local blocks = city:blocks { by = 'people', apart_m = 200, count = 3 }
    for i = 2, #blocks do assert(blocks[i].people <= blocks[i - 1].people and blocks[i].index ~= blocks[1].index) end
    for i = 2, #blocks do for k = 1, i - 1 do
      local dx, dy = blocks[i].x - blocks[k].x, blocks[i].y - blocks[k].y
      assert(dx * dx + dy * dy >= 40000) end end
    assert(#city:blocks() > 3 and #city:places 'school' >= 0 and city:place 'other' == city:place 'other')
    for i, b in ipairs(blocks) do city:site { id = 's' .. i, tier = i == 1 and 'city' or 'edge', at = b, pue = 1.2,
      region = 'gansu', queue_max = 5, racks = { { card = 'h20', count = i }, { card = 'l40s', count = 1 } } } end
    assert(table.concat(city:sites(), ',') == 's1,s2,s3' and table.concat(city:sites { tier = 'edge' }, ',') == 's2,s3')
    city:fibre { shape = p.ring and 'ring' or 'star', capacity_gbps = 40, through = { 's1', 's2', 's3' } }
    city:cells { spacing_m = 500, band_ghz = 4.9, scenario = 'uma', fibre_gbps = 10, sectors = 3,
      azimuth_deg = 300, tilt_deg = 6, cqi_table = '256qam', sleep_load = 0.05, sleep_after_s = 20,
      wake_s = 2, antenna_gain_dbi = 12, idle_power_w = 200, busy_power_w = 800, sleep_power_w = 20 }
    city:cameras { at = 'signals', interval_s = 5 }
    city:production_line { id = 'l', park = 'p', at = { x = 1, y = 2 }, fallback = 'bypass', buffer = 7 }
    city:rollout { model = 'signal-vision', version = 2, tiers = { 'edge', 'city' } }
    city:connect { share = 0.7, cautious_shuttles = false }
    city:radio { a3_offset_db = -1, a3_hysteresis_db = 2, a3_trigger_s = 0.32, t310_s = 0.5, sight = 'drawn' }
    city:radio { up_p0_dbm = -90, up_alpha = 1, user_background_bps = 5e3, interval_s = 2, shadowing = false, failover_s = 0.2 }
    city:request { id = 'signal', deadline_s = 0.25 }
    city:couple { assistant = false }
    city:signals { control = 'max_pressure', decision_s = 8, priority = true }
    city:signals { connected_share = 0.25 }
    city:demand { model = 'gravity', factor = 2, peak = '07:00-09:30', peak_factor = 1.5, max_running = 500 }
  end }