-- Made by `jingwei doc luacheck`: what a scene or scenario may call.
stds.jingwei = {
  read_globals = {
    "assert",
    "error",
    "gpkg",
    "include",
    "ipairs",
    math = { fields = { "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger", "min", "mininteger", "modf", "pi", "pow", "rad", "random", "sin", "sqrt", "tan", "tointeger", "type", "ult" } },
    "next",
    "osm",
    "pairs",
    "param",
    "pcall",
    "plan",
    "print",
    "scenario",
    "scene",
    "select",
    string = { fields = { "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper" } },
    "sumo",
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    "tonumber",
    "tostring",
    "type",
    utf8 = { fields = { "char", "charpattern", "codepoint", "codes", "len", "offset" } },
  },
}
std = "jingwei"
unused_args = false
max_line_length = 140
