return scene { title = 'x', map = plan { style = 'district', area_km2 = 1, seed = 2 },
  build = function(city, p)
    local ends = city:blocks { by = 'jobs', count = 2, apart_m = 500 }
    city:bus_line { id = 'a', through = { ends[1], ends[1], ends[2] }, capacity = 60, hold = 'headway',
      first = '05:30', last = '10:00', headway_min = { ['05:00'] = 20, ['07:00'] = 7.5, ['08:00'] = 30 } }
    city:bus_line { id = '2', through = { 5, 1 }, headway_min = 12, passengers_per_day = 0, loop = true }
    city:bus_line { id = '3', through = { ends[1], { x = 9e5, y = 0 } }, optional = true }
  end }