/* See bounded_like.h. Compiled in one unit behind sqlite3.c (CMakeLists.txt beside), whose functions these are. */
#include "server/sqlite/bounded_like.h"

static sluice_check_work sluiceCheckWork = 0;

static void sluiceLikeFunc(sqlite3_context *context, int count, sqlite3_value **arguments){
  const i64 pattern = sqlite3_value_bytes(arguments[0]);
  const i64 text = sqlite3_value_bytes(arguments[1]);
  const int code = sluiceCheckWork((pattern + 1) * (text + 1));
  if( code != SQLITE_OK ){
    sqlite3_result_error_code(context, code);
  }else{
    likeFunc(context, count, arguments);
  }
}

void sluice_bound_like(sluice_check_work check){
  static const char *const names[] = {"like", "glob"};
  unsigned i;
  FuncDef *function;
  sluiceCheckWork = check;
  for(i = 0; i < sizeof(names) / sizeof(names[0]); i++){
    function = sqlite3FunctionSearch(SQLITE_FUNC_HASH(names[i][0], 4), names[i]);
    for(; function != 0; function = function->pNext) function->xSFunc = sluiceLikeFunc;
  }
}
