return scene { title = 'x', map = plan { style = 'district', area_km2 = 1 }, build = function(city, p)
city:fund { size_cny = 1, leverage = 0.5 }
end }