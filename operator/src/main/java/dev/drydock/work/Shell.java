package dev.drydock.work;

/** What the scripts that work on hosts share. */
final class Shell {
  /** Defines {@code as_root}, {@code kept} and {@code retried}. */
  static final String COMMON =
      """
      as_root() {
        if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
      }
      # Prints the last $1 bytes of all that a command says, when it has ended, with its status. What
      # runs does not notice that nobody listens any more.
      kept() {
        bytes=$1
        shift
        {
          status=$({ { "$@" 2>&1 3>&- 4>&-; echo $? >&4; } | tail -c "$bytes" >&3; } 4>&1)
        } 3>&1
        return "$status"
      }
      # The same, again and again for ten minutes while somebody else holds a lock of the packages.
      retried() {
        tries=60
        while :; do
          text=$(kept "$@")
          status=$?
          [ "$status" -ne 0 ] && [ "$tries" -gt 0 ] || break
          case $text in
            *'Could not get lock'* | *'locked by another process'* | *'Unable to lock'*) ;;
            *) break ;;
          esac
          tries=$((tries - 1))
          sleep 10
        done
        printf '%s\\n' "$text"
        return "$status"
      }
      """;

  private Shell() {}
}
