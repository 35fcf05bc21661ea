import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * Compiles and runs many programs in one virtual machine: Runner CLASSPATH (FOLDER CLASS)... For each a line: its exit
 * code, what it printed and what it failed with, in Base64.
 */
public class Runner {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        for (int at = 1; at < arguments.length; at += 2) {
            File folder = new File(arguments[at]);
            File source = new File(folder, arguments[at + 1] + ".java");
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            ByteArrayOutputStream failed = new ByteArrayOutputStream();
            int code = source.exists() ? compile(arguments[0], folder, source, failed) : 0;
            if (code == 0) {
                System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
                code = run(arguments[0], folder, arguments[at + 1], failed);
                System.setOut(out);
            }
            out.println(code + " " + encode(printed) + " " + encode(failed));
        }
    }

    private static int compile(String classpath, File folder, File source, ByteArrayOutputStream failed) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        // In the encoding of old machines: the programs are ASCII.
        return compiler.run(null, failed, failed, "-Xlint:all", "-Xlint:-classfile", "-Werror", "-encoding", "US-ASCII",
            "-cp", classpath, "-d", folder.getPath(), source.getPath());
    }

    private static int run(String classpath, File folder, String name, ByteArrayOutputStream failed) throws Exception {
        List<URL> places = new ArrayList<>();
        places.add(folder.toURI().toURL());
        for (String jar : classpath.split(File.pathSeparator)) {
            places.add(new File(jar).toURI().toURL());
        }
        try (URLClassLoader loader = new URLClassLoader(places.toArray(new URL[0]))) {
            loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
            return 0;
        } catch (java.lang.reflect.InvocationTargetException error) {
            error.getCause().printStackTrace(new PrintStream(failed, true, StandardCharsets.UTF_8));
            return 1;
        }
    }

    private static String encode(ByteArrayOutputStream bytes) {
        return "=" + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
