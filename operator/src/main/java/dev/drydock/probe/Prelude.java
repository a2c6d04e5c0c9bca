package dev.drydock.probe;

/**
 * Shell text that scripts which look at hosts and scripts which work on them share, for any POSIX
 * shell.
 */
public final class Prelude {
  /** {@code limited}: runs a command that is ended after {@code $limit} seconds. */
  public static final String LIMITED =
      """
      set -f
      limited() {
        command -v timeout >/dev/null || { "$@"; return; }
        timeout -k 1 "${limit:-4}" "$@"
        ended=$?
        # BusyBox's ends as what it ended does.
        [ "$ended" -ne 143 ] || ended=124
        return "$ended"
      }
      """;

  /**
   * {@code pm2_find} and {@code pm2_run}. Both end with 127 where there is no PM2, with 3 where its
   * daemon does not run, with 68 where there is no node, and with 4 where it printed no list.
   */
  public static final String PM2 =
      """
      # Has pm2 found where the SSH user's own shell would find it.
      pm2_find() {
        set +f
        # The newest node need not be the one that has PM2.
        newest=$(ls -d "$HOME"/.nvm/versions/node/*/bin/pm2 2>/dev/null | sort -V | tail -n 1)
        newest=${newest%/pm2}
        [ -n "$newest" ] ||
          newest=$(ls -d "$HOME"/.nvm/versions/node/*/bin 2>/dev/null | sort -V | tail -n 1)
        set -f
        PATH=$PATH:/usr/lib/node_modules/.bin:/usr/local/lib/node_modules/.bin:/opt/node/bin
        PATH=$PATH:$HOME/.npm-global/bin:$HOME/.local/bin:$HOME/.volta/bin:$HOME/bin:$newest
        command -v pm2 >/dev/null || return 127
        # Any command of PM2 starts its daemon where none runs; a look must not.
        pid=$(cat "${PM2_HOME:-$HOME/.pm2}/pm2.pid")
        [ -n "$pid" ] && [ -d "/proc/$pid" ] || return 3
      }
      # program words…: runs a program of node's over 'list', all that PM2 tells of its processes.
      pm2_run() {
        program=$1
        shift
        command -v node >/dev/null || return 68
        limited pm2 jlist | limited node -e '
          const text = require("fs").readFileSync(0, "utf8");
          const start = text.search(/^\\[(\\{|\\])/m);
          if (start < 0) process.exit(4);
          const list = JSON.parse(text.slice(start, text.lastIndexOf("]") + 1));
        '"$program" -- "$@"
      }
      """;

  private Prelude() {}
}
