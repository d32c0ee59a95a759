/* See raw_copy.h. Compiled in one unit behind sqlite3.c (CMakeLists.txt beside), whose VACUUM sets the same two flags
** around the same statements.
*/
#include "server/sqlite/raw_copy.h"

void sluice_copy_as_stored(sqlite3 *db, int on){
  const u32 flags = DBFLAG_Vacuum | DBFLAG_VacuumInto;
  if( on ){
    db->mDbFlags |= flags;
  }else{
    db->mDbFlags &= ~flags;
  }
}
