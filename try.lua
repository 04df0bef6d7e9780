local d = include 'lib/default_city'
return scene { title = 'x', map = plan { style = 'district', area_km2 = 1 }, build = function(city)
city:demand { model = 'gravity', trips_per_person_day = d.trips_per_person_day(30000) } end }