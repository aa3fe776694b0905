// SPDX-License-Identifier: MIT
//
// A web application in Java, which answers with what it found in its root directory.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

class App {
  static synchronized int count() throws IOException {
    var file = Path.of(System.getenv("STATE_DIRECTORY"), "größe");
    int number = (Files.exists(file) ? Integer.parseInt(Files.readString(file)) : 0) + 1;
    Files.writeString(file, Integer.toString(number));
    return number;
  }

  static String found() {
    try {
      var page = HttpRequest.newBuilder(URI.create("https://www.test/1.html")).build();
      return String.join("|", InetAddress.getByName("www.test").getHostAddress(),
          HttpClient.newHttpClient().send(page, BodyHandlers.ofString()).body().trim(),
          String.valueOf(IntStream.range(0, 1000).parallel().sum()), String.valueOf(count()));
    } catch (Exception error) {
      return "FAILED: " + error;
    }
  }

  static void answer(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write(found().getBytes());
    exchange.close();
  }

  public static void main(String[] arguments) throws IOException {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8084), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", App::answer);
    server.start();
  }
}
