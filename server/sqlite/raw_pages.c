/* See raw_pages.h. Compiled in one unit behind sqlite3.c (CMakeLists.txt beside), whose pager this follows: what
** readDbPage does for one page, without the page cache. The locks are those of the transaction: the file cannot get
** newer versions of these pages before it ends.
*/
#include "server/sqlite/raw_pages.h"

/* The frame of the log that holds the page in this transaction; 0 when the file does. */
static int sluiceFindFrame(Pager *pager, Pgno page, u32 *frame){
  *frame = 0;
  return pagerUseWal(pager) ? sqlite3WalFindFrame(pager->pWal, page, frame) : SQLITE_OK;
}

/* Pages from the file itself. */
static int sluiceReadRun(Pager *pager, Pgno first, unsigned count, char *out){
  const i64 page_bytes = pager->pageSize;
  return sqlite3OsRead(pager->fd, out, (int)(count * page_bytes), (first - 1) * page_bytes);
}

static int sluiceReadPages(Pager *pager, Pgno first, unsigned count, char *out){
  const int page_bytes = pager->pageSize;
  const Pgno lock_page = PAGER_SJ_PGNO(pager);
  unsigned run = 0;
  unsigned i;
  int code = SQLITE_OK;
  for(i = 0; i < count && code == SQLITE_OK; i++){
    const Pgno page = first + i;
    char *const at = out + (i64)i * page_bytes;
    u32 frame = 0;
    code = sluiceFindFrame(pager, page, &frame);
    if( code != SQLITE_OK ) break;
    if( frame == 0 && page != lock_page ){
      run++;
      continue;
    }
    if( run > 0 ) code = sluiceReadRun(pager, page - run, run, at - (i64)run * page_bytes);
    run = 0;
    if( code != SQLITE_OK ) break;
    if( page == lock_page ){
      /* Where the locks lie; holds nothing, and may lie behind the end of the file. */
      memset(at, 0, page_bytes);
    }else{
      code = sqlite3WalReadFrame(pager->pWal, frame, page_bytes, (u8 *)at);
    }
  }
  if( code == SQLITE_OK && run > 0 ){
    code = sluiceReadRun(pager, first + count - run, run, out + (i64)(count - run) * page_bytes);
  }
  return code;
}

int sluice_read_pages(sqlite3 *db, unsigned first_page, unsigned count, int page_bytes, char *out){
  Btree *const tree = db->aDb[0].pBt;
  Pager *pager;
  int code = SQLITE_MISUSE;
  if( tree == 0 || first_page == 0 ) return SQLITE_MISUSE;
  sqlite3BtreeEnter(tree);
  pager = sqlite3BtreePager(tree);
  if( sqlite3BtreeTxnState(tree) == SQLITE_TXN_READ && pager->eState == PAGER_READER
   && isOpen(pager->fd) && pager->pageSize == page_bytes ){
    code = sluiceReadPages(pager, first_page, count, out);
  }
  sqlite3BtreeLeave(tree);
  return code;
}

int sluice_log_state(sqlite3 *db, char *out, int capacity){
  Btree *const tree = db->aDb[0].pBt;
  Pager *pager;
  int bytes = 0;
  if( tree == 0 ) return 0;
  sqlite3BtreeEnter(tree);
  pager = sqlite3BtreePager(tree);
  if( sqlite3BtreeTxnState(tree) == SQLITE_TXN_READ && pagerUseWal(pager)
   && (int)sizeof(WalIndexHdr) <= capacity ){
    /* Salts, number of frames and the checksum over all of them. */
    bytes = (int)sizeof(WalIndexHdr);
    memcpy(out, &pager->pWal->hdr, sizeof(WalIndexHdr));
  }
  sqlite3BtreeLeave(tree);
  return bytes;
}
