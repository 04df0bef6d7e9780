return scene { title = 'x', map = plan { style = 'district', area_km2 = 1 }, build = function(city, p)
while true do end
end }