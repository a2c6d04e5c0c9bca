package dev.drydock;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know of whom: the table in the design, held by every build. */
class ArchitectureTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/testing/"))
          .importPackages("dev.drydock");

  private static final List<String> FEATURES =
      List.of("maintenance", "hosthealth", "bluegreen", "backup", "host", "notification");

  /**
   * Packages of ours that each package may import, beside itself. More than the table has: a probe
   * sends its script through a port, adapters use the kernel's words, kube turns a Host, and what a
   * policy checks there, into what the port, or a pod's assignment, asks for, and a report is made
   * for policies as for maintenance.
   */
  private static final Map<String, List<String>> MAY_IMPORT =
      Map.of(
          "api", List.of(),
          "kernel", List.of("api"),
          "probe", List.of("kernel", "port"),
          "port", List.of("kernel"),
          "kube", List.of("kernel", "api", "port", "probe"),
          "work", List.of("kernel", "api", "probe", "port"),
          "report", List.of("kernel", "api", "probe", "port"),
          "task", List.of("kernel", "api", "probe", "port", "work", "report"),
          "adapter", List.of("port", "kernel"));

  private static final List<String> OF_A_FEATURE =
      List.of("api", "kernel", "probe", "port", "kube", "work", "report");

  private static final String[] LANGUAGE = {
    "java..",
    "javax.crypto..",
    "javax.net..",
    "org.jspecify.annotations..",
    "com.google.errorprone.annotations.."
  };

  @Test
  void seesTheWholeOperator() {
    assertThat(CODE.stream().map(JavaClass::getSimpleName))
        .contains("Main", "HostReconciler", "ServiceNotifier", "SshHostShell", "CronSchedule");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"api", "kernel", "probe", "port", "kube", "work", "report", "task", "adapter"})
  void importsOnlyWhatTheTableNames(String name) {
    check(name, MAY_IMPORT.getOrDefault(name, List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"maintenance", "hosthealth", "bluegreen", "backup", "host", "notification"})
  void aFeatureImportsNoOtherFeature(String name) {
    assertThat(FEATURES).contains(name);
    check(name, OF_A_FEATURE);
  }

  private static void check(String name, List<String> others) {
    var allowed = new ArrayList<>(List.of("dev.drydock." + name + ".."));
    others.forEach(other -> allowed.add("dev.drydock." + other + ".."));
    noClasses()
        .that()
        .resideInAPackage("dev.drydock." + name + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.drydock..")
                .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .because("the design lets " + name + " know of " + others + " alone")
        .allowEmptyShould(true)
        .check(CODE);
  }

  @Test
  void nobodyImportsTheApp() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.drydock.app..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.drydock.app..")
        .because("wiring knows everybody, and nobody knows the wiring")
        .check(CODE);
  }

  @Test
  void adaptersDoNotKnowOneAnother() {
    slices()
        .matching("dev.drydock.adapter.(*)..")
        .should()
        .notDependOnEachOther()
        .because("each outside technology must be replaceable alone")
        .check(CODE);
  }

  @Test
  void aLibraryIsImportedByItsAdapterAlone() {
    Map<String, String> libraries =
        Map.of(
            "com.jcraft..", "dev.drydock.adapter.ssh..",
            "jakarta.mail..", "dev.drydock.adapter.notify..",
            "org.eclipse.angus..", "dev.drydock.adapter.notify..",
            "java.net.http..", "dev.drydock.adapter..",
            "com.cronutils..", "dev.drydock.kernel..",
            "com.sun.net.httpserver..", "dev.drydock.app..",
            "java.sql..", "dev.drydock.adapter.postgres..",
            "org.postgresql..", "dev.drydock.adapter.postgres..");
    libraries.forEach(
        (library, owner) ->
            noClasses()
                .that()
                .resideOutsideOfPackage(owner)
                .and()
                .doNotHaveFullyQualifiedName("dev.drydock.kube.QuickTls")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because("whoever replaces " + library + " must not have to look beyond " + owner)
                .check(CODE));
  }

  @Test
  void kubernetesLibrariesStayWithThoseWhoSpeakToIt() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.drydock.kernel..",
            "dev.drydock.probe..",
            "dev.drydock.port..",
            "dev.drydock.work..",
            "dev.drydock.report..",
            "dev.drydock.task..",
            "dev.drydock.adapter..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..")
        .because("a task pod has no Kubernetes rights, and the domain is tested without a cluster")
        .check(CODE);
  }

  @Test
  void theDomainIsPure() {
    classes()
        .that()
        .resideInAnyPackage("dev.drydock.kernel..", "dev.drydock.port..", "dev.drydock.probe..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    Stream.concat(
                            Stream.of(LANGUAGE),
                            Stream.of(
                                "dev.drydock..", "com.cronutils..", "com.fasterxml.jackson.."))
                        .toArray(String[]::new))
                .and(
                    not(
                        resideInAnyPackage(
                            "java.nio.file..", "java.net..", "java.sql..", "java.lang.foreign.."))))
        .because("what a host's text means must not depend on files, networks or threads")
        .check(CODE);
  }

  @Test
  void nobodyAsksTheClockButByAClockThatWasGiven() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.drydock.app..", "dev.drydock.adapter..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Clock.class, "systemDefaultZone")
        .orShould()
        .callMethod("java.time.LocalDate", "now")
        .orShould()
        .callMethod("java.time.LocalDateTime", "now")
        .orShould()
        .callMethod("java.time.ZonedDateTime", "now")
        .orShould()
        .callConstructor(java.util.Date.class)
        .because("time is data: a test sets it, and a restart does not reset it")
        .check(CODE);
  }

  @Test
  void decisionsDoNotEvenHoldAClock() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.drydock.kernel..", "dev.drydock.probe..", "dev.drydock.port..")
        .or()
        .haveSimpleNameEndingWith("Plan")
        .or()
        .haveSimpleNameEndingWith("Report")
        .or()
        .haveSimpleNameEndingWith("Timeline")
        .or()
        .haveSimpleNameEndingWith("Queue")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class)
        .because("what is pure takes an instant")
        .check(CODE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().startsWith("dev.drydock.")
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "packages of Drydock";
              }
            })
        .should()
        .beFreeOfCycles()
        .because("a reader must be able to start somewhere")
        .check(CODE);
  }
}
